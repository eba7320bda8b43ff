package checkpoint

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"udml-gpu/models/disk"
)

// Latest is the folder of the newest checkpoint whose files all match its manifest. Damaged ones are
// skipped, with a sentence about each in warnings. Without any the error is ErrNone. A checkpoint of a newer program is an
// error: continuing from an older one would lose that program's work. It changes nothing on disk.
func (s *Store) Latest() (dir string, warnings []string, err error) {
	return s.newest(func(dir string) error { return verify(s.fs, dir) })
}

// LatestFile is Latest for readers of one file of a checkpoint, which has at most limit bytes. The other files are not checked, so that a
// large model is not read.
func (s *Store) LatestFile(name string, limit int64) (path string, warnings []string, err error) {
	dir, warnings, err := s.newest(func(dir string) error { return verifyFile(s.fs, dir, name, limit) })
	if err != nil {
		return "", warnings, err
	}
	return filepath.Join(dir, name), warnings, nil
}

// newest is the newest checkpoint in which check finds no fault.
func (s *Store) newest(check func(dir string) error) (dir string, warnings []string, err error) {
	list, err := s.list()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", nil, err
	}
	for _, c := range list {
		dir := s.path(c.name)
		problem := check(dir)
		switch {
		case problem == nil:
			return dir, warnings, nil
		case errors.Is(problem, errNewer):
			return "", warnings, fmt.Errorf("checkpoint %s: %w", dir, problem)
		}
		warnings = append(warnings, fmt.Sprintf("checkpoint %s is damaged and was skipped: %v", dir, problem))
	}
	return "", warnings, fmt.Errorf("%s: %w", s.run, ErrNone)
}

// Latest is Store.Latest of the run in runDir.
func Latest(runDir string) (dir string, warnings []string, err error) {
	return NewStore(disk.OS, runDir).Latest()
}

// LatestFile is Store.LatestFile of the run in runDir.
func LatestFile(runDir, name string, limit int64) (path string, warnings []string, err error) {
	return NewStore(disk.OS, runDir).LatestFile(name, limit)
}
