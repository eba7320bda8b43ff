package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// TestTryLock: only one process or file can hold the lock until it closes the file.
func TestTryLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	first, err := OpenOwn(path)
	if err != nil {
		t.Fatal(err)
	}
	second, err := OpenOwn(path)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	for _, c := range []struct {
		f    *os.File
		want bool
	}{{first, true}, {second, false}, {first, true}} {
		if ok, err := TryLock(c.f); ok != c.want || err != nil {
			t.Fatalf("%t, %v; want %t", ok, err, c.want)
		}
	}
	first.Close()
	if ok, err := TryLock(second); !ok || err != nil {
		t.Errorf("after it was closed: %t, %v", ok, err)
	}
	if _, err := TryLock(first); err == nil {
		t.Error("a closed file was locked")
	}
}

// TestRemoveUnlocked: unlocked files are removed; those with another extension and locked ones stay.
func TestRemoveUnlocked(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	held, err := OS.Create(at("held.part"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(held.Lock(), os.WriteFile(at("dead.part"), nil, 0o666), os.WriteFile(at("whole"), nil, 0o666),
		os.Mkdir(at("folder.part"), 0o777)); err != nil {
		t.Fatal(err)
	}
	RemoveUnlocked(dir, ".part")
	for name, there := range map[string]bool{"held.part": true, "dead.part": false, "whole": true, "folder.part": true} {
		if _, err := os.Lstat(at(name)); (err == nil) != there {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := os.Remove(at("held.part")); err != nil {
		t.Fatal(err)
	}
	if err := held.Lock(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file without a name was locked: %v", err)
	}
	held.Close()
	RemoveUnlocked(at("none"), ".part")
}
