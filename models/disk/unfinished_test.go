package disk

import (
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
		RemoveUnfinished()
		return nil
	})
	if err == nil {
		t.Error("a file that was removed while it was written counts as complete")
	}
	list, _ := os.ReadDir(dir)
	if b, err := os.ReadFile(path); len(list) != 1 || string(b) != "old" || err != nil {
		t.Errorf("%v, %q, %v", list, b, err)
	}
	RemoveUnfinished()
	if _, err := os.Stat(path); err != nil {
		t.Error("a complete file was removed")
	}
}
