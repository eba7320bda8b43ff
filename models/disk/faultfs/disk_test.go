package faultfs

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"udml-gpu/models/disk"
)

// actions are run on both file systems, one after the other. Some of them fail.
var actions = []string{
	"mkdir a", "mkdir a", "mkdir b/c", "mkdir a/b", "create a/b/f", "create a/b/f", "create a/g", "create no/f", "create a/g/h",
	"symlink a/l", "symlink a/l", "rename a/l a/m", "rename a/g a/m", "rename a/m a/b", "rename a/b a/m", "rename a/none a/x",
	"mkdir a/empty", "rename a/b a/empty", "mkdir a/full", "create a/full/f", "rename a/empty a/full", "rename a/full a/full",
	"rename a/m a/m",
	"open a/m", "open a/none", "open a/full/f", "list a", "list a/m", "list none", "sync a", "sync none", "remove a/none",
	"remove none/x", "remove a/m/x", "remove a/full/f", "remove a/empty", "list a", "list a/full", "remove a", "list .",
}

// TestDiskIsLikeTheRealOne: the same actions give the same results, including the kinds of errors.
func TestDiskIsLikeTheRealOne(t *testing.T) {
	real, memory := t.TempDir(), NewDisk("/run")
	for _, a := range actions {
		want, got := act(disk.OS, real, a), act(memory, "/run", a)
		if want != got {
			t.Errorf("%s: the disk says %q, the machine %q", a, got, want)
		}
	}
}

// act does one action and describes the result.
func act(fsys disk.FS, dir, action string) string {
	verb, rest, _ := strings.Cut(action, " ")
	from, to, _ := strings.Cut(rest, " ")
	from, to = filepath.Join(dir, from), filepath.Join(dir, to)
	var err error
	answer := ""
	switch verb {
	case "mkdir":
		err = fsys.Mkdir(from)
	case "create":
		err = write(fsys, from)
	case "symlink":
		err = fsys.Symlink("b/f", from)
	case "rename":
		err = fsys.Rename(from, to)
	case "open":
		answer, err = read(fsys, from)
	case "list":
		answer, err = list(fsys, from)
	case "sync":
		err = fsys.SyncDir(from)
	case "remove":
		err = fsys.RemoveAll(from)
	default:
		panic(action)
	}
	return answer + kind(err)
}

// kind is the class of an error that programs test for.
func kind(err error) string {
	kinds := []error{fs.ErrExist, fs.ErrNotExist, fs.ErrPermission}
	if i := slices.IndexFunc(kinds, func(k error) bool { return errors.Is(err, k) }); i >= 0 {
		return kinds[i].Error()
	}
	if err != nil {
		return "another error"
	}
	return ""
}

func write(fsys disk.FS, path string) error {
	f, err := fsys.Create(path)
	if err != nil {
		return err
	}
	_, err = f.Write([]byte("content"))
	return errors.Join(err, f.Sync(), f.Close())
}

func read(fsys disk.FS, path string) (string, error) {
	b, err := Read(fsys, path)
	return string(b), err
}

func list(fsys disk.FS, path string) (string, error) {
	entries, err := fsys.ReadDir(path)
	var b strings.Builder
	for _, e := range entries {
		info, err := fsys.Lstat(filepath.Join(path, e.Name()))
		if err != nil {
			return "", err
		}
		fmt.Fprint(&b, e.Name(), e.Type(), e.IsDir(), info.Mode().Type(), " ")
		if info.Mode().IsRegular() {
			fmt.Fprint(&b, info.Size(), " bytes ")
		}
	}
	return b.String(), err
}

// TestPowerCut: synced content is there after every power cut; unsynced content after some and not after others.
func TestPowerCut(t *testing.T) {
	d := NewDisk("/run")
	for _, name := range []string{"/run/synced", "/run/named"} {
		if err := write(d, name); err != nil {
			t.Fatal(err)
		}
	}
	f, err := d.Create("/run/open")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = f.Write([]byte("content"))
	if err := d.SyncDir("/run"); err != nil {
		t.Fatal(err)
	}
	if err := d.Rename("/run/named", "/run/renamed"); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, after := range d.PowerCuts() {
		if got, err := read(after, "/run/synced"); got != "content" || err != nil {
			t.Fatalf("a synced file holds %q, %v", got, err)
		}
		open, err := read(after, "/run/open")
		if err != nil {
			t.Fatal(err)
		}
		_, oldErr := read(after, "/run/named")
		_, newErr := read(after, "/run/renamed")
		if (oldErr == nil) == (newErr == nil) {
			t.Fatalf("a renamed file has two names or none: %v, %v", oldErr, newErr)
		}
		seen[fmt.Sprintf("%q %t", open, newErr == nil)] = true
	}
	if len(seen) != 8 {
		t.Errorf("%d outcomes of four contents and two names: %v", len(seen), seen)
	}
}

// TestDiskFilesAreLikeRealOnes: the content of a file after writes at offsets, truncations and reservations.
func TestDiskFilesAreLikeRealOnes(t *testing.T) {
	dir := t.TempDir()
	real, err := disk.OS.Create(filepath.Join(dir, "f"))
	if err != nil {
		t.Fatal(err)
	}
	memory := NewDisk("/run")
	stored, err := memory.Create("/run/f")
	if err != nil {
		t.Fatal(err)
	}
	for i, do := range []func(f disk.File) error{
		func(f disk.File) error { _, err := f.WriteAt([]byte("pixels"), 10); return err },
		func(f disk.File) error { _, err := f.WriteAt([]byte("header"), 0); return err },
		func(f disk.File) error { return f.Truncate(12) },
		func(f disk.File) error { return f.Reserve(20) },
		func(f disk.File) error { return f.Reserve(5) },
		func(f disk.File) error { return errors.Join(f.Lock(), f.Sync()) },
		func(f disk.File) error { return f.Truncate(30) },
	} {
		if got, want := do(stored), do(real); (got == nil) != (want == nil) {
			t.Fatalf("action %d: the disk says %v, the machine %v", i, got, want)
		}
		got, err := read(memory, "/run/f")
		want, wantErr := read(disk.OS, filepath.Join(dir, "f"))
		if got != want || err != nil || wantErr != nil {
			t.Fatalf("after action %d the disk holds %q, the machine %q, %v, %v", i, got, want, err, wantErr)
		}
		a, releaseA, err := stored.Map(int64(len(want)))
		b, releaseB, wantErr := real.Map(int64(len(want)))
		if err != nil || wantErr != nil || string(a) != want || string(b) != want {
			t.Fatalf("mapped after action %d: %q, %q, %v, %v", i, a, b, err, wantErr)
		}
		if err := errors.Join(releaseA(), releaseB()); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(stored.Close(), real.Close()); err != nil {
		t.Fatal(err)
	}
}
