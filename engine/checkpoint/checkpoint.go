// Package checkpoint keeps a run's state on disk so that a crash at any moment loses no complete checkpoint:
//
//	checkpoints/000003/{files...} MANIFEST          after 3 epochs
//	checkpoints/000003-000120/{files...} MANIFEST   120 steps into the next one
//	checkpoints/last -> 000003-000120
//
// A checkpoint is written under a temporary name, synced, given its MANIFEST last, read back, and renamed. One process at a
// time writes to a run directory (Lock).
package checkpoint

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"

	"udml-gpu/models/disk"
)

// ErrNone is the error of a run without a usable checkpoint.
var ErrNone = errors.New("there is no complete checkpoint")

const (
	Folder    = "checkpoints" // in a run directory
	lastLink  = "last"
	tmpPrefix = disk.Unfinished // being written or removed
	oldPrefix = ".old-"         // being replaced by a new one of the same position
)

// Store is the checkpoints of one run directory. Saves must not overlap.
type Store struct {
	fs     disk.FS
	run    string
	parent string // the folder of the checkpoints
}

// NewStore is the store of runDir, which must exist before the first Save. fsys is disk.OS outside of tests.
func NewStore(fsys disk.FS, runDir string) *Store {
	return &Store{fs: fsys, run: runDir, parent: filepath.Join(runDir, Folder)}
}

// Save writes files (name to content) as the checkpoint of position at, reads them back, replaces an older one of the same
// position, points "last" at it, and only then removes older ones: those within an epoch, and all but the newest keep
// (0: every epoch's is kept). When it returns nil the checkpoint survives a power cut; when it fails, the earlier
// checkpoints are still there, and Save may be tried again.
func (s *Store) Save(at At, files map[string][]byte, keep int) error {
	if at.Epoch < 0 || at.Step < 0 {
		return fmt.Errorf("a checkpoint cannot have the position epoch %d, step %d", at.Epoch, at.Step)
	}
	if err := s.makeFolder(); err != nil {
		return err
	}
	if _, err := s.tidy(); err != nil { // first: leftovers of an earlier Save may take the space that this one needs
		return err
	}
	name := at.String()
	tmp := s.path(tmpPrefix + name)
	err := s.writeAll(tmp, files)
	if err == nil {
		err = s.moveIn(tmp, name)
	}
	if err != nil {
		_ = s.fs.RemoveAll(tmp)
		return err
	}
	if err := s.linkLast(name); err != nil {
		return err
	}
	return s.prune(at, keep)
}

func (s *Store) path(name string) string { return filepath.Join(s.parent, name) }

// makeFolder syncs the run directory each time: after a failed sync, the folder exists but is not on disk.
func (s *Store) makeFolder() error {
	if err := s.fs.Mkdir(s.parent); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return s.fs.SyncDir(s.run)
}

// writeAll fills the new folder dir, syncs everything in it, the manifest last, and reads it back: a good checkpoint may only
// be replaced by a good one.
func (s *Store) writeAll(dir string, files map[string][]byte) error {
	if err := s.fs.Mkdir(dir); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := disk.WriteNew(s.fs, filepath.Join(dir, name), files[name]); err != nil {
			return err
		}
	}
	m, err := newManifest(files).marshal()
	if err != nil {
		return err
	}
	if err := disk.WriteNew(s.fs, filepath.Join(dir, manifestName), m); err != nil {
		return err
	}
	if err := s.fs.SyncDir(dir); err != nil {
		return err
	}
	if err := verify(s.fs, dir); err != nil {
		return fmt.Errorf("the files in %s differ from what was written: %w", dir, err)
	}
	return nil
}

// moveIn renames the finished folder to its final name. An older checkpoint with that name is moved aside first. After a crash
// between the two renames, tidy puts it back, and until then Latest finds it under its temporary name.
func (s *Store) moveIn(tmp, name string) error {
	place, old := s.path(name), s.path(oldPrefix+name)
	if err := s.fs.Rename(place, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := s.fs.Rename(tmp, place); err != nil {
		_ = s.fs.Rename(old, place)
		return err
	}
	if err := s.fs.SyncDir(s.parent); err != nil {
		return err
	}
	return s.fs.RemoveAll(old)
}

// linkLast makes "last" a link to name in one step. It is only for people: Latest checks what is complete. Where the
// file system has no links, a stale one is removed.
func (s *Store) linkLast(name string) error {
	tmp := s.path(tmpPrefix + lastLink)
	err := s.fs.Symlink(name, tmp)
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrPermission) {
		return s.fs.RemoveAll(s.path(lastLink))
	}
	if err != nil {
		return err
	}
	if err := s.fs.Rename(tmp, s.path(lastLink)); err != nil {
		return err
	}
	return s.fs.SyncDir(s.parent)
}

// prune removes checkpoints older than at, which is verified and on disk: all within an epoch, which are
// only needed until the next one, and the oldest beyond keep. Later ones, left by a run that had to go back, are not
// counted, so that they do not push out the one just written.
func (s *Store) prune(at At, keep int) error {
	list, err := s.list()
	if err != nil {
		return err
	}
	positions := make([]At, len(list))
	for i, c := range list {
		positions[i] = c.at
	}
	var gone []string
	for _, i := range Outlived(positions, at, keep) {
		gone = append(gone, list[i].name)
	}
	return s.discard(gone)
}

// Outlived are the indices of those checkpoints, in a list from the newest on, that the one of position at makes superfluous; see Save.
func Outlived(list []At, at At, keep int) (gone []int) {
	kept := 0
	for i, c := range list {
		switch {
		case c.Compare(at) > 0:
		case c.Step > 0 && c != at, keep > 0 && kept == keep:
			gone = append(gone, i)
		default:
			kept++
		}
	}
	return gone
}

// discard removes checkpoints. They are first renamed, so that a partly removed one is never read.
func (s *Store) discard(names []string) error {
	if len(names) == 0 {
		return nil
	}
	for _, name := range names {
		if err := s.fs.Rename(s.path(name), s.path(tmpPrefix+name)); err != nil {
			return err
		}
	}
	if err := s.fs.SyncDir(s.parent); err != nil {
		return err
	}
	for _, name := range names {
		if err := s.fs.RemoveAll(s.path(tmpPrefix + name)); err != nil {
			return err
		}
	}
	return nil
}
