package checkpoint

import (
	"errors"
	"fmt"
	"io/fs"

	"udml-gpu/models/disk"
)

// Latest is the folder of the newest checkpoint whose files are all as its manifest says. Damaged ones are passed
// over; a sentence about each is in warnings. Without any the error is ErrNone. One that a newer program wrote is an
// error: to go on from an older one would drop what that program did. It changes nothing on disk.
func (s *Store) Latest() (dir string, warnings []string, err error) {
	list, err := s.list()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", nil, err
	}
	for _, c := range list {
		dir := s.path(c.name)
		problem := verify(s.fs, dir)
		switch {
		case problem == nil:
			return dir, warnings, nil
		case errors.Is(problem, errNewer):
			return "", warnings, fmt.Errorf("checkpoint %s: %w", dir, problem)
		}
		warnings = append(warnings, fmt.Sprintf("checkpoint %s is damaged and was passed over: %v", dir, problem))
	}
	return "", warnings, fmt.Errorf("%s: %w", s.run, ErrNone)
}

// Latest is Store.Latest of the run in runDir.
func Latest(runDir string) (dir string, warnings []string, err error) {
	return NewStore(disk.OS, runDir).Latest()
}
