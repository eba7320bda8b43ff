package checkpoint_test

import (
	"errors"
	"fmt"
	"io"
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

// moment is one Save of a scene; text tells its content from that of others.
type moment struct {
	at   At
	text string
	keep int
}

func (m moment) files() map[string][]byte {
	return map[string][]byte{"model.safetensors": []byte(m.text + " model"), "state.json": []byte(m.text + " state")}
}

func (m moment) save(fsys disk.FS) error { return NewStore(fsys, runDir).Save(m.at, m.files(), m.keep) }

// scene is a Save that is disturbed, after others that went well.
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

// begin is a disk after the Saves that went well.
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

// undisturbed is what the folder holds when nothing goes wrong, and how many operations the Save takes.
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

// names is what the folder of the checkpoints holds.
func names(fsys disk.FS) (string, error) {
	entries, err := fsys.ReadDir(folder)
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return strings.Join(list, " "), err
}

// outcome checks that Latest finds the scene's Save, whole, or, unless it must be there, the one before, and
// passes over nothing.
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

// isIn compares the folder with the moment, by name and by every byte.
func (m moment) isIn(fsys disk.FS, dir string) bool {
	if strings.TrimPrefix(path.Base(dir), ".old-") != m.at.String() {
		return false
	}
	for name, want := range m.files() {
		f, err := fsys.Open(path.Join(dir, name))
		if err != nil {
			return false
		}
		got, err := io.ReadAll(f)
		if err != nil || string(got) != string(want) {
			return false
		}
	}
	return true
}

// allWhole: half a checkpoint is never seen, not even an old one.
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

// recovers starts again on what a fault has left: what is half done goes, "last" leads somewhere, and the Save that
// was disturbed can be done, to the listing of a run in which nothing happened.
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
