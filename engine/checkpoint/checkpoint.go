// Package checkpoint keeps a run's state on disk so that a crash at any moment loses no complete checkpoint:
//
//	checkpoints/000003/{files...} MANIFEST
//	checkpoints/last -> 000003
//
// A checkpoint is written beside its place, synced, given its MANIFEST last, and renamed. One process at a time
// writes to a run directory (Lock).
package checkpoint

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// ErrNone: the run has no usable checkpoint.
var ErrNone = errors.New("there is no complete checkpoint")

const (
	folder    = "checkpoints"
	lastLink  = "last"
	tmpPrefix = ".tmp-" // being written or being removed
	oldPrefix = ".old-" // in the way of a new one of the same epoch
)

// Save writes files (name to content) as the checkpoint of epoch under runDir, replaces one of the same epoch, points
// "last" at it, and removes all but the newest keep (0: all are kept). When it returns nil the checkpoint
// survives a power cut; when it fails, what was there before still is.
func Save(runDir string, epoch int, files map[string][]byte, keep int) error {
	parent := filepath.Join(runDir, folder)
	if err := os.MkdirAll(parent, 0o777); err != nil {
		return err
	}
	name := fmt.Sprintf("%06d", epoch)
	tmp := filepath.Join(parent, tmpPrefix+name)
	if err := writeAll(tmp, files); err != nil {
		os.RemoveAll(tmp)
		return err
	}
	if err := moveIn(parent, name); err != nil {
		os.RemoveAll(tmp)
		return err
	}
	if err := pointLast(parent, name); err != nil {
		return err
	}
	return prune(parent, epoch, keep)
}

// writeAll fills the new folder dir and syncs everything in it, the manifest last.
func writeAll(dir string, files map[string][]byte) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o777); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := writeSynced(filepath.Join(dir, name), files[name]); err != nil {
			return err
		}
	}
	m, err := newManifest(files).marshal()
	if err != nil {
		return err
	}
	if err := writeSynced(filepath.Join(dir, manifestName), m); err != nil {
		return err
	}
	return syncDir(dir)
}

// moveIn renames the finished folder to its place. A checkpoint of the same epoch steps aside first; Lock puts it
// back after a crash between the two renames.
func moveIn(parent, name string) error {
	place, old := filepath.Join(parent, name), filepath.Join(parent, oldPrefix+name)
	if err := os.RemoveAll(old); err != nil {
		return err
	}
	if err := os.Rename(place, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(filepath.Join(parent, tmpPrefix+name), place); err != nil {
		os.Rename(old, place)
		return err
	}
	if err := syncDir(parent); err != nil {
		return err
	}
	return os.RemoveAll(old)
}

// pointLast makes "last" a link to name in one step. It is for people: Latest goes by what is complete.
func pointLast(parent, name string) error {
	tmp := filepath.Join(parent, tmpPrefix+lastLink)
	if err := os.RemoveAll(tmp); err != nil {
		return err
	}
	if err := os.Symlink(name, tmp); err != nil {
		return err
	}
	if err := os.Rename(tmp, filepath.Join(parent, lastLink)); err != nil {
		return err
	}
	return syncDir(parent)
}

// prune removes the oldest checkpoints up to epoch. Those of later epochs, left by a run that had to go back, do
// not count: they must not push out what has just been written.
func prune(parent string, epoch, keep int) error {
	if keep <= 0 {
		return nil
	}
	list, err := epochs(parent)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(e stored) bool { return e.epoch > epoch })
	for _, e := range list[min(keep, len(list)):] {
		tmp := filepath.Join(parent, tmpPrefix+e.name) // renamed first: half a checkpoint is never seen
		if err := os.Rename(filepath.Join(parent, e.name), tmp); err != nil {
			return err
		}
		if err := os.RemoveAll(tmp); err != nil {
			return err
		}
	}
	return nil
}

// stored is a checkpoint folder.
type stored struct {
	name  string
	epoch int
}

// epochs lists the checkpoint folders, newest first.
func epochs(parent string) ([]stored, error) {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return nil, err
	}
	var list []stored
	for _, e := range entries {
		n, err := strconv.Atoi(e.Name())
		if err == nil && n >= 0 && e.IsDir() && e.Name() == fmt.Sprintf("%06d", n) {
			list = append(list, stored{e.Name(), n})
		}
	}
	slices.SortFunc(list, func(a, b stored) int { return b.epoch - a.epoch })
	return list, nil
}

// Latest is the folder of the newest checkpoint whose files are all as its manifest says. Damaged ones are passed
// over; a sentence about each is in warnings. Without any the error is ErrNone. It changes nothing on disk.
func Latest(runDir string) (dir string, warnings []string, err error) {
	parent := filepath.Join(runDir, folder)
	list, err := epochs(parent)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", nil, err
	}
	for _, e := range list {
		dir := filepath.Join(parent, e.name)
		problem := Verify(dir)
		if problem == nil {
			return dir, warnings, nil
		}
		warnings = append(warnings, fmt.Sprintf("checkpoint %s is damaged and was passed over: %v", dir, problem))
	}
	return "", warnings, fmt.Errorf("%s: %w", runDir, ErrNone)
}

// recoverFolder removes what a crash left half done, and puts back a checkpoint that had stepped aside.
func recoverFolder(parent string) error {
	entries, err := os.ReadDir(parent)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		path := filepath.Join(parent, e.Name())
		name, old := strings.CutPrefix(e.Name(), oldPrefix)
		switch {
		case old && !exists(filepath.Join(parent, name)):
			err = os.Rename(path, filepath.Join(parent, name))
		case old || strings.HasPrefix(name, tmpPrefix):
			err = os.RemoveAll(path)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
