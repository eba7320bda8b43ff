package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

// otherPrograms are the flags in the documents that belong to other programs.
var otherPrograms = []string{
	"break-system-packages", "rm", "gpus", "build-arg", "target", "kill-on-bad-exit", // pip, docker, srun
	"check-weights", // scripts/goldens.py
}

// TestDocuments: the program and the Makefile have the commands, flags and make targets that the README and the docs name.
func TestDocuments(t *testing.T) {
	targets := makeTargets(t)
	for _, name := range documents(t) {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range wrongIn(string(b), app(""), targets) {
			t.Errorf("%s: %s", filepath.Base(name), v)
		}
	}
}

// TestDocumentsNotices: each kind of mistake is found.
func TestDocumentsNotices(t *testing.T) {
	for text, want := range map[string]string{
		"```\nudml-gpu train --epoch 3\n```":                         "train has no flag --epoch",
		"run `bin/udml-gpu trian --data x`":                          "no command trian",
		"`UDML_X=1 udml-gpu data lst`":                               "no command data lst",
		"```\nmake bild && udml-gpu doctor\n```":                     "no target bild",
		"pass `--no-such-flag`":                                      "no command has a flag --no-such-flag",
		"```\nudml-gpu train --data x \\\n  --sise 3\n```":           "train has no flag --sise",
		"`make test-cpu`, `udml-gpu train --data p --size=80`":       "",
		"```\nudml-gpu eval --run r --json | jq .x --arg # --q\n```": "",
	} {
		got := strings.Join(wrongIn(text, app(""), []string{"test-cpu"}), "; ")
		if (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%q: found %q, want %q", text, got, want)
		}
	}
}

func documents(t *testing.T) []string {
	root := filepath.Join("..", "..")
	docs, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil || len(docs) == 0 {
		t.Fatalf("no docs: %v", err)
	}
	return append(docs, filepath.Join(root, "README.md"), filepath.Join(root, "CONTRIBUTING.md"), filepath.Join(root, "SECURITY.md"))
}

func makeTargets(t *testing.T) []string {
	b, err := os.ReadFile(filepath.Join("..", "..", "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	var targets []string
	for _, m := range regexp.MustCompile(`(?m)^([a-z][a-z-]*):`).FindAllStringSubmatch(string(b), -1) {
		targets = append(targets, m[1])
	}
	return targets
}

var (
	fence    = regexp.MustCompile("(?ms)^```[^\n]*\n(.*?)^```")
	span     = regexp.MustCompile("`([^`\n]+)`")
	flagName = regexp.MustCompile(`^--([a-z0-9][a-z0-9-]*)`)
	// splits a line of shell into commands; # begins a comment.
	separators = regexp.MustCompile(`\s*(?:&&|\|\||[|;])\s*`)
	comment    = regexp.MustCompile(`(?:^|\s)#.*$`)
)

// wrongIn are messages about commands in a document that the program does not have.
func wrongIn(text string, a *cli.App, targets []string) []string {
	var wrong []string
	for _, block := range fence.FindAllStringSubmatch(text, -1) {
		for _, line := range strings.Split(strings.ReplaceAll(block[1], "\\\n", " "), "\n") {
			for _, command := range separators.Split(comment.ReplaceAllString(line, ""), -1) {
				wrong = append(wrong, wrongCommand(strings.Fields(command), a, targets)...)
			}
		}
	}
	for _, s := range span.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		for _, command := range separators.Split(s[1], -1) {
			words := strings.Fields(command)
			wrong = append(wrong, wrongCommand(words, a, targets)...)
			wrong = append(wrong, unknownFlags(words, a)...)
		}
	}
	return wrong
}

// wrongCommand checks "make TARGET..." and "udml-gpu COMMAND --flag...".
func wrongCommand(words []string, a *cli.App, targets []string) []string {
	for len(words) > 0 && regexp.MustCompile(`^[A-Z_]+=`).MatchString(words[0]) {
		words = words[1:]
	}
	switch {
	case len(words) < 2:
		return nil
	case words[0] == "make":
		return wrongTargets(words[1:], targets)
	case words[0] == "udml-gpu" || strings.HasSuffix(words[0], "/udml-gpu"):
		return wrongFlags(words[1:], a)
	}
	return nil
}

func wrongTargets(words, targets []string) []string {
	var wrong []string
	for _, w := range words {
		if regexp.MustCompile(`^[a-z][a-z-]*$`).MatchString(w) && !slices.Contains(targets, w) {
			wrong = append(wrong, "the Makefile has no target "+w)
		}
	}
	return wrong
}

// wrongFlags checks the subcommands and flags of a command; COMMAND, in capitals, stands for any command.
func wrongFlags(words []string, a *cli.App) []string {
	commands, flags, path := a.Commands, a.Flags, ""
	for len(words) > 0 && len(commands) > 0 && regexp.MustCompile(`^[a-z]+$`).MatchString(words[0]) {
		at := slices.IndexFunc(commands, func(c *cli.Command) bool { return c.Name == words[0] })
		path = strings.TrimSpace(path + " " + words[0])
		if at < 0 {
			return []string{"there is no command " + path}
		}
		commands, flags, words = commands[at].Subcommands, commands[at].Flags, words[1:]
	}
	var wrong []string
	for _, w := range words {
		if m := flagName.FindStringSubmatch(w); m != nil && path != "" && !has(flags, m[1]) {
			wrong = append(wrong, path+" has no flag --"+m[1])
		}
	}
	return wrong
}

// unknownFlags are messages about flags, named without a command, that no command has.
func unknownFlags(words []string, a *cli.App) []string {
	if len(words) == 0 || !strings.HasPrefix(words[0], "--") {
		return nil
	}
	m := flagName.FindStringSubmatch(words[0])
	if m == nil || slices.Contains(otherPrograms, m[1]) || has(a.Flags, m[1]) || anyHas(a.Commands, m[1]) {
		return nil
	}
	return []string{"no command has a flag --" + m[1]}
}

func anyHas(commands []*cli.Command, name string) bool {
	return slices.ContainsFunc(commands, func(c *cli.Command) bool { return has(c.Flags, name) || anyHas(c.Subcommands, name) })
}

func has(flags []cli.Flag, name string) bool {
	return name == "help" || name == "version" ||
		slices.ContainsFunc(flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), name) })
}
