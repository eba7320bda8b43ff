package main

import (
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

// TestExamples: the help of every command has an example of it, with flags that it has.
func TestExamples(t *testing.T) {
	a := app("")
	used := map[string]bool{}
	var look func(commands []*cli.Command, above string)
	look = func(commands []*cli.Command, above string) {
		for _, c := range commands {
			if c.Hidden || c.Name == "help" {
				continue
			}
			path := strings.TrimSpace(above + " " + c.Name)
			used[path] = true
			if !strings.Contains(c.Description, "\n   udml-gpu "+path+" ") && !strings.HasSuffix(c.Description, "\n   udml-gpu "+path) {
				t.Errorf("the help of %s has no example", path)
			}
			for _, e := range examples[path] {
				if wrong := wrongCommand(strings.Fields(e), a, nil); len(wrong) > 0 || !strings.HasPrefix(e, "udml-gpu "+path) {
					t.Errorf("%s: %v", e, wrong)
				}
			}
			look(c.Subcommands, path)
		}
	}
	look(a.Commands, "")
	for path := range examples {
		if !used[path] {
			t.Errorf("examples of %s, which is no command", path)
		}
	}
}

// TestManText: no text can become a command of a man page.
func TestManText(t *testing.T) {
	for text, want := range map[string]string{
		".SH evil": `\&.SH evil`, "'x": `\&'x`, `a\b`: `a\eb`, "--k": `\-\-k`, "a\n.b": "a\n\\&.b",
	} {
		if got := manText(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

// TestEveryFlagCompletes: the values offered for a setting are among those that it takes, and no answer holds a line break.
func TestEveryFlagCompletes(t *testing.T) {
	a := app("")
	for _, c := range a.Commands {
		for _, f := range c.Flags {
			for _, text := range candidates(a, []string{c.Name, "--" + f.Names()[0], ""}) {
				if strings.ContainsAny(text, "\n") {
					t.Errorf("%s --%s: %q", c.Name, f.Names()[0], text)
				}
			}
		}
	}
	if got := candidates(a, nil); len(got) < 10 {
		t.Errorf("%q", got)
	}
	if got := candidates(a, []string{"train", "--", ""}); len(got) != 1 || got[0] != filesHint {
		t.Errorf("%q", got)
	}
}
