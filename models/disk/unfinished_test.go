package disk

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// A file that is being written when the process is to end leaves nothing, and what it was to replace stays.
func TestRemoveUnfinished(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "page.html")
	if err := Replace(path, []byte("old")); err != nil {
		t.Fatal(err)
	}
	err := ReplaceBy(OS, path, func(w io.Writer) error {
		if _, err := w.Write([]byte("ne")); err != nil {
			return err
		}
		if list, _ := os.ReadDir(dir); len(list) != 2 {
			t.Errorf("%v while it is written", list)
		}
		removeUnfinished()
		return nil
	})
	if err == nil {
		t.Error("a file that was removed while it was written counts as complete")
	}
	list, _ := os.ReadDir(dir)
	if b, err := os.ReadFile(path); len(list) != 1 || string(b) != "old" || err != nil {
		t.Errorf("%v, %q, %v", list, b, err)
	}
	removeUnfinished()
	if _, err := os.Stat(path); err != nil {
		t.Error("a complete file was removed")
	}
}

// A folder that is being filled goes with all that is in it; one that is complete stays.
func TestRemoveUnfinishedFolder(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "groups")
	fill := func(and func()) func(folder string) error {
		return func(folder string) error {
			if err := MakeDir(filepath.Join(folder, "0 cats")); err != nil {
				return err
			}
			and()
			return WriteNew(OS, filepath.Join(folder, "0 cats", "a.jpg"), []byte("a"))
		}
	}
	if err := NewFolder(path, fill(removeUnfinished)); err == nil {
		t.Error("a folder that was removed while it was filled counts as complete")
	}
	if list, _ := os.ReadDir(dir); len(list) != 0 {
		t.Errorf("%v is left", list)
	}
	if err := NewFolder(path, fill(func() {})); err != nil {
		t.Fatal(err)
	}
	removeUnfinished()
	if _, err := os.Stat(filepath.Join(path, "0 cats", "a.jpg")); err != nil {
		t.Error("a complete folder was removed")
	}
}

// A signal that comes while a file is created finds it in the list.
func TestRemoveUnfinishedAtTheStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "page.html")
	done := make(chan struct{})
	end, err := beginTracked(OS, func() (string, error) {
		f, err := OS.Create(path)
		go func() {
			writing.Lock()
			defer writing.Unlock()
			removeUnfinished()
			close(done)
		}()
		return path, errors.Join(err, f.Close())
	})
	defer end()
	if err != nil {
		t.Fatal(err)
	}
	<-done
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file is still there: %v", err)
	}
}
