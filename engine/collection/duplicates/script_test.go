package duplicates

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"udml-gpu/engine/collection"
)

// oddNames are paths that a careless script would misread.
var oddNames = []string{
	"plain.jpg", "with space.jpg", "it's.jpg", `"quoted".jpg`, "-rf.jpg", "--", "line\nbreak.jpg",
	"$(touch hacked).jpg", "`touch hacked`.jpg",
	`back\slash.jpg`, "*.jpg", "sub dir/-n.jpg", "sub dir/';touch hacked;'.jpg", "\xff\xfe.jpg", "tab\t.jpg", "#.jpg", "é.jpg",
}

// scripted writes images of these names, all copies of one that is kept, and a script that moves them.
func scripted(t *testing.T, names []string) (from, script string) {
	t.Helper()
	dir := t.TempDir()
	from = filepath.Join(dir, "the images' folder")
	c := &collection.Collection{Path: "c\nd.udml"}
	g := Group{Kind: Bytes, Keep: "keep.jpg", Items: []string{"keep.jpg"}}
	for _, name := range append([]string{"keep.jpg"}, names...) {
		path := filepath.Join(from, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(name), 0o666); err != nil {
			t.Fatal(err)
		}
		c.Items = append(c.Items, collection.Item{Path: name})
	}
	g.Items = append(g.Items, names...)
	c.Manifest.Source = collection.Source{Data: from, Absolute: from}
	script = filepath.Join(dir, "move.sh")
	if err := WriteScript(script, &Report{Groups: []Group{g}}, c); err != nil {
		t.Fatal(err)
	}
	return from, script
}

// runScript runs the script in an empty folder, and gives what it says.
func runScript(t *testing.T, script string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command("sh", append([]string{script}, args...)...)
	cmd.Dir = t.TempDir()
	b, err := cmd.CombinedOutput()
	if _, err := os.Stat(filepath.Join(cmd.Dir, "hacked")); err == nil {
		t.Error("a file name was run as a command")
	}
	return string(b), err
}

// TestScriptMovesOddNames: every file moves with its path and content, what is kept stays.
func TestScriptMovesOddNames(t *testing.T) {
	from, script := scripted(t, oddNames)
	to := filepath.Join(t.TempDir(), "-to here's")
	if out, err := runScript(t, script, to); err != nil || !strings.Contains(out, "17 moved, 0 left") {
		t.Fatalf("%v: %s", err, out)
	}
	for _, name := range oddNames {
		if b, err := os.ReadFile(filepath.Join(to, name)); err != nil || string(b) != name {
			t.Errorf("%q: %q, %v", name, b, err)
		}
	}
	if _, err := os.Stat(filepath.Join(from, "keep.jpg")); err != nil {
		t.Error(err)
	}
}

// TestScriptRefuses: nothing is overwritten, nothing moves without the image to keep, and a folder must be named.
func TestScriptRefuses(t *testing.T) {
	from, script := scripted(t, []string{"a.jpg", "b.jpg"})
	to := t.TempDir()
	if err := os.WriteFile(filepath.Join(to, "a.jpg"), []byte("other"), 0o666); err != nil {
		t.Fatal(err)
	}
	out, err := runScript(t, script, to)
	for _, want := range []string{"left, since the folder has a file of that name: a.jpg", "1 moved, 1 left"} {
		if err == nil || !strings.Contains(out, want) {
			t.Errorf("%v: %s", err, out)
		}
	}
	if b, _ := os.ReadFile(filepath.Join(to, "a.jpg")); string(b) != "other" {
		t.Errorf("a.jpg was overwritten by %q", b)
	}
	if out, err := runScript(t, script); err == nil || !strings.Contains(out, "usage: ") {
		t.Errorf("without a folder: %v: %s", err, out)
	}
	if err := os.Remove(filepath.Join(from, "keep.jpg")); err != nil {
		t.Fatal(err)
	}
	out, err = runScript(t, script, t.TempDir())
	if err == nil || !strings.Contains(out, "the image to keep is not there any more: a.jpg") {
		t.Errorf("without the image to keep: %v: %s", err, out)
	}
}

// TestScriptWantsAFolder: images in an archive, or gone, are refused with a sentence.
func TestScriptWantsAFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.zip")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for place, want := range map[string]string{
		file: "moves files of a folder, and the images of c are in", "/nowhere": "the images of c are not there",
	} {
		c := &collection.Collection{Path: "c", Items: []collection.Item{{Path: "a"}}}
		c.Manifest.Source = collection.Source{Data: place, Absolute: place}
		err := WriteScript(filepath.Join(t.TempDir(), "s"), &Report{}, c)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", place, err)
		}
	}
}
