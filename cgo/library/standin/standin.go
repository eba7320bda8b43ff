// Package standin tests bindings on the emulated device's libraries, which need no GPU to be opened. Only tests import it.
package standin

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"udml-gpu/cgo/library"
)

// Case is a binding and the results that its search must have.
type Case struct {
	Binding  *library.Binding
	File     string // in the folder of the stand-ins
	Version  library.Version
	Variable string            // makes the stand-in claim another version
	Wrong    map[string]string // values of Variable that the binding must refuse, and the version in its message
	Other    string            // another library's file
	Missing  string            // the first function that Other lacks
}

// Run builds the stand-ins, searches, and then runs calls with the right file named: building takes some seconds. Without
// cgo or a C++ compiler the test is left out.
func Run(t *testing.T, c Case, calls func(t *testing.T)) {
	t.Helper()
	dir := build(t)
	t.Setenv(c.Binding.FileVariable, filepath.Join(dir, c.File))
	t.Run("find", c.find)
	t.Run("find nothing", func(t *testing.T) { c.findNothing(t, filepath.Join(dir, c.Other)) })
	t.Run("calls", func(t *testing.T) {
		if l := c.Binding.Find(); l.Problem != "" {
			t.Fatal(l.Problem)
		}
		calls(t)
	})
}

// build is the folder of the stand-ins. Tests run in the folder of their binding, a neighbour of emu.
func build(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("g++"); err != nil {
		t.Skip("no g++ to build the stand-in libraries with")
	}
	if l := (&library.Binding{Files: []string{"no such file"}}).Find(); l.Problem == library.NoCgo {
		t.Skip(library.NoCgo)
	}
	dir := t.TempDir()
	if out, err := exec.Command("bash", "../emu/libs/build.sh", dir).CombinedOutput(); err != nil {
		t.Fatalf("the stand-in libraries do not build: %v\n%s", err, out)
	}
	return dir
}

// find: the right version, wrong ones, and none where it is switched off.
func (c *Case) find(t *testing.T) {
	right := c.Binding.Find()
	if right.Problem != "" || right.Wrong != nil || right.Version != c.Version || right.File != os.Getenv(c.Binding.FileVariable) {
		t.Errorf("found %+v", right)
	}
	for value, found := range c.Wrong {
		t.Setenv(c.Variable, value)
		var wrong *library.VersionError
		l := c.Binding.Find()
		if !errors.As(l.Wrong, &wrong) || wrong.Found != found || wrong.File != right.File || l.Problem != wrong.Error() {
			t.Errorf("version %s gives %+v", value, l)
		}
	}
	t.Setenv(c.Binding.OffVariable, "1")
	if l := c.Binding.Find(); l.Problem != c.Binding.OffVariable+" is 1" || l.Wrong != nil {
		t.Errorf("switched off, %+v", l)
	}
}

// findNothing: no file, and a file of another library.
func (c *Case) findNothing(t *testing.T, other string) {
	t.Setenv(c.Binding.FileVariable, "no such file")
	if l := c.Binding.Find(); l.Problem == "" || l.Wrong != nil || l.File != "" {
		t.Errorf("no file: %+v", l)
	}
	t.Setenv(c.Binding.FileVariable, other)
	if l := c.Binding.Find(); l.Problem != other+" cannot be used: it has no function "+c.Missing || l.File != "" {
		t.Errorf("another library: %+v", l)
	}
}
