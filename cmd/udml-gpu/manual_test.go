package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestCommandPages: docs/commands holds the pages that the program writes, and no other.
func TestCommandPages(t *testing.T) {
	dir := filepath.Join("..", "..", "docs", "commands")
	want := markdownPages(app(""))
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if want[e.Name()] != string(b) {
			t.Errorf("docs/commands/%s is not what the program says: make pages", e.Name())
		}
		delete(want, e.Name())
	}
	if len(want) > 0 {
		t.Errorf("docs/commands lacks %v: make pages", slices.Sorted(maps.Keys(want)))
	}
}

// TestManual: there is an entry for each command, and each flag is on the command's page and on its man page.
func TestManual(t *testing.T) {
	a := app("")
	markdown, man := markdownPages(a), manPages(a)
	for name := range manual {
		if markdown[name+".md"] == "" {
			t.Errorf("the manual describes %s, which is no command", name)
		}
	}
	for _, c := range a.Commands {
		if c.Hidden {
			continue
		}
		if manual[c.Name].purpose == "" {
			t.Errorf("the manual says nothing about %s", c.Name)
		}
		for _, f := range c.VisibleFlags() {
			name := "-" + f.Names()[0] // and a further - before a name of several letters
			if !strings.Contains(markdown[c.Name+".md"], name) {
				t.Errorf("the page of %s lacks %s", c.Name, name)
			}
			page := man[a.Name+"-"+c.Name]
			if !strings.Contains(page, ".B "+manText(name)) && !strings.Contains(page, manText("-"+name)) {
				t.Errorf("the man page of %s lacks %s", c.Name, name)
			}
		}
	}
}
