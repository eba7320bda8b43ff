package checkpoint

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"udml-gpu/models/disk"
)

// IsLeftover tells whether name, of an entry of a run directory, is that of an unfinished file.
func IsLeftover(name string) bool { return disk.IsUnfinished(name) }

// Recover removes the unfinished files of a crashed writer from the run directory, and puts back a checkpoint that
// had been moved aside. removed are the names of the removed folders and files. No process may be writing: see Lock.
func (s *Store) Recover() (removed []string, err error) {
	entries, err := s.fs.ReadDir(s.run)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if IsLeftover(e.Name()) && e.Type().IsRegular() {
			if err := s.fs.RemoveAll(filepath.Join(s.run, e.Name())); err != nil {
				return removed, err
			}
			removed = append(removed, e.Name())
		}
	}
	folders, err := s.tidy()
	return append(removed, folders...), err
}

// tidy is Recover for the folder of the checkpoints. It first decides what to put back and what to remove, and syncs the
// renames before it removes anything, because a power cut may undo renames that are not synced.
func (s *Store) tidy() (removed []string, err error) {
	entries, err := s.fs.ReadDir(s.parent)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var gone []string
	for _, e := range entries {
		name, old := strings.CutPrefix(e.Name(), oldPrefix)
		switch {
		case old:
			bad, err := s.putBack(name)
			if err != nil {
				return nil, err
			}
			gone = append(gone, bad)
		case IsLeftover(name):
			gone = append(gone, name)
		}
	}
	return s.removeAll(slices.DeleteFunc(gone, func(name string) bool { return name == "" }))
}

// putBack decides between a checkpoint and an older one that was moved aside for it, and returns the name of the one to
// remove. The new one stays if it is good; if there is only one, it stays in any case.
func (s *Store) putBack(name string) (gone string, err error) {
	place, old := s.path(name), s.path(oldPrefix+name)
	_, err = s.fs.Lstat(place)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", s.fs.Rename(old, place)
	case err != nil:
		return "", err
	case s.good(place) || !s.good(old):
		return oldPrefix + name, nil
	}
	gone = tmpPrefix + name
	if err := s.fs.RemoveAll(s.path(gone)); err != nil {
		return "", err
	}
	if err := s.fs.Rename(place, s.path(gone)); err != nil {
		return "", err
	}
	return gone, s.fs.Rename(old, place)
}

// good tells whether a checkpoint must be kept, including one that only a newer program can read.
func (s *Store) good(dir string) bool {
	err := verify(s.fs, dir)
	return err == nil || errors.Is(err, errNewer)
}

// removeAll removes entries of the folder, and returns the names of those removed.
func (s *Store) removeAll(names []string) (removed []string, err error) {
	if len(names) == 0 {
		return nil, nil
	}
	if err := s.fs.SyncDir(s.parent); err != nil {
		return nil, err
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if err := s.fs.RemoveAll(s.path(name)); err != nil {
			return removed, err
		}
		removed = append(removed, name)
	}
	return removed, nil
}
