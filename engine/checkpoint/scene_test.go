package checkpoint_test

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"

	. "udml-gpu/engine/checkpoint"
	"udml-gpu/models/disk"
	"udml-gpu/models/disk/faultfs"
)

const (
	runDir = "/run"
	folder = runDir + "/checkpoints"
)

// moment is one Save of a scene; text makes its content different from the others'.
type moment struct {
	at   At
	text string
	keep int
}

func (m moment) files() map[string][]byte {
	return map[string][]byte{"model.safetensors": []byte(m.text + " model"), "state.json": []byte(m.text + " state")}
}

func (m moment) save(fsys disk.FS) error { return NewStore(fsys, runDir).Save(m.at, m.files(), m.keep) }

// scene is a Save with a fault, after others without.
type scene struct {
	name   string
	before []moment
	save   moment
}

var scenes = []scene{
	{"the first", nil, moment{At{1, 0}, "one", 1}},
	{"the next, alone", []moment{{At{1, 0}, "one", 1}}, moment{At{2, 0}, "two", 1}},
	{"the next of three", []moment{{At{1, 0}, "one", 2}, {At{2, 0}, "two", 2}}, moment{At{3, 0}, "three", 2}},
	{"the same again", []moment{{At{1, 0}, "one", 0}}, moment{At{1, 0}, "again", 1}},
	{"within an epoch", []moment{{At{1, 0}, "one", 0}, {At{1, 5}, "five", 0}}, moment{At{1, 10}, "ten", 2}},
	{"an epoch's end", []moment{{At{1, 5}, "five", 1}}, moment{At{2, 0}, "two", 1}},
}

// begin is a disk after the Saves without faults.
func (s scene) begin(t *testing.T) *faultfs.Disk {
	t.Helper()
	d := faultfs.NewDisk(runDir)
	for _, m := range s.before {
		if err := m.save(d); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// undisturbed is the content of the folder when nothing fails, and the number of operations of the Save.
func (s scene) undisturbed(t *testing.T) (listing string, ops int) {
	t.Helper()
	d := s.begin(t)
	count := &faultfs.Failing{FS: d}
	if err := s.save.save(count); err != nil {
		t.Fatal(err)
	}
	if count.Ops() < 20 {
		t.Fatalf("only %d operations went through the interface", count.Ops())
	}
	listing, err := names(d)
	if err != nil {
		t.Fatal(err)
	}
	return listing, count.Ops()
}

// names lists the folder of the checkpoints.
func names(fsys disk.FS) (string, error) {
	entries, err := fsys.ReadDir(folder)
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return strings.Join(list, " "), err
}

// outcome checks that Latest finds the scene's Save, complete, or, unless it must be there, the one before, and
// skips none.
func (s scene) outcome(d *faultfs.Disk, mustBeNew bool) error {
	dir, warnings, err := NewStore(d, runDir).Latest()
	if errors.Is(err, ErrNone) && len(s.before) == 0 && !mustBeNew && len(warnings) == 0 {
		return nil
	}
	if err != nil || len(warnings) > 0 {
		return fmt.Errorf("latest is %q, %q, %v", dir, warnings, err)
	}
	allowed := []moment{s.save}
	if !mustBeNew && len(s.before) > 0 {
		allowed = append(allowed, s.before[len(s.before)-1])
	}
	is := func(m moment) bool { return m.isIn(d, dir) }
	if !slices.ContainsFunc(allowed, is) {
		return fmt.Errorf("latest is %s, and does not hold what was saved (must be new: %t)", dir, mustBeNew)
	}
	return nil
}

// isIn compares the folder with the moment, by names and every byte.
func (m moment) isIn(fsys disk.FS, dir string) bool {
	if strings.TrimPrefix(path.Base(dir), ".old-") != m.at.String() {
		return false
	}
	for name, want := range m.files() {
		got, err := faultfs.Read(fsys, path.Join(dir, name))
		if err != nil || string(got) != string(want) {
			return false
		}
	}
	return true
}

// allWhole checks that every checkpoint is complete, including old ones.
func allWhole(fsys disk.FS) error {
	entries, err := fsys.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		if _, ok := ParseAt(e.Name()); ok && err == nil {
			err = VerifyOn(fsys, path.Join(folder, e.Name()))
		}
	}
	return err
}

// recovers starts again after a fault: unfinished files are removed, "last" leads to a checkpoint, and the Save
// can be repeated, with the same files as in a run without faults.
func (s scene) recovers(d *faultfs.Disk, mustBeNew bool, listing string) error {
	if _, err := NewStore(d, runDir).Recover(); err != nil {
		return fmt.Errorf("recovering: %w", err)
	}
	if err := s.outcome(d, mustBeNew); err != nil {
		return fmt.Errorf("after recovering: %w", err)
	}
	if err := allWhole(d); err != nil {
		return fmt.Errorf("after recovering: %w", err)
	}
	if link := d.Readlink(folder + "/last"); link != "" {
		if info, err := d.Lstat(path.Join(folder, link)); err != nil || !info.IsDir() {
			return fmt.Errorf("last leads to %s: %w", link, err)
		}
	}
	if err := s.save.save(d); err != nil {
		return fmt.Errorf("saving after it: %w", err)
	}
	got, err := names(d)
	if err != nil || got != listing || d.Readlink(folder+"/last") != s.save.at.String() {
		return fmt.Errorf("saving after it leaves %q, not %q (%v)", got, listing, err)
	}
	return s.outcome(d, true)
}
