package output

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"udml-gpu/engine/data/datatest"
	"udml-gpu/engine/setting"
)

// kind is a format as packages have them.
type kind struct {
	Format
	number int
}

var kinds = []kind{{File("one", "a file"), 1}, {Folder("many", "a folder"), 2}}

func TestFind(t *testing.T) {
	if k, err := Find(kinds, "many"); err != nil || k.number != 2 || !k.Folder {
		t.Errorf("%+v, %v", k, err)
	}
	var usage *setting.UsageError
	_, err := Find(kinds, "few")
	if want := `--to "few" is not known: expected one, many`; !errors.As(err, &usage) || !strings.Contains(err.Error(), want) {
		t.Error(err)
	}
	if got := Describe(kinds); got != "one: a file\nmany: a folder\n" {
		t.Errorf("%q", got)
	}
}

// TestWantPlace: what could not be written is refused before any work; what can be is not.
func TestWantPlace(t *testing.T) {
	dir := datatest.Tree(t, map[string][]byte{"full/a.txt": []byte("a"), "file": []byte("f")})
	if err := os.Mkdir(filepath.Join(dir, "empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(os.DevNull, filepath.Join(dir, "device")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ format, out, says string }{
		{"one", "new", ""},
		{"one", "file", ""},
		{"one", "full", "is a folder: expected the name of a file"},
		{"one", "device", "is not a regular file"},
		{"one", "none/new", "there is no folder"},
		{"one", "file/new", "there is no folder"},
		{"many", "new", ""},
		{"many", "empty", ""},
		{"many", "full", "is not empty: --to many writes a folder, which must be new or empty"},
		{"many", "file", "is a file: --to many writes a folder"},
	} {
		k, err := Find(kinds, c.format)
		if err != nil {
			t.Fatal(err)
		}
		err = k.WantPlace(filepath.Join(dir, c.out))
		if c.says == "" && err != nil {
			t.Errorf("%s to %s: %v", c.format, c.out, err)
		} else if c.says != "" {
			datatest.WantError(t, err, c.says)
		}
	}
}
