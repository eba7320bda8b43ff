package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"udml-gpu/cgo/memory"
)

// step is a command in a document.
type step struct {
	document string // its path below the top of the repository
	line     int
	text     string // without the comment at its end
}

func (d step) String() string { return fmt.Sprintf("%s:%d: %s", d.document, d.line, d.text) }

// TestDocumentedCommands runs the commands of the README, of docs/ and of the pages of the commands, in order, each document in a folder
// that holds what it speaks of. What notRun lists is only parsed.
func TestDocumentedCommands(t *testing.T) {
	if !memory.Effective {
		t.Skip("built without cgo: in pure Go these commands take ten minutes, and other tests run every command")
	}
	used := make([]bool, len(notRun))
	t.Run("documents", func(t *testing.T) {
		for _, group := range documentedCommands(t) {
			var run []step
			for _, d := range group {
				if at := exceptionOf(d.text); at >= 0 {
					used[at] = true
					checkParses(t, d)
					continue
				}
				run = append(run, d)
			}
			if len(run) > 0 {
				t.Run(strings.ReplaceAll(group[0].document, "/", "_"), func(t *testing.T) {
					t.Parallel()
					runDocumented(t, run)
				})
			}
		}
	})
	for i, e := range notRun {
		if !used[i] {
			t.Errorf("no document has a command that begins with %q, which notRun lists", e.begin)
		}
	}
}

// documentedCommands are the commands by document; the pages of the commands count as one, in the order of --help, which begins with
// what makes runs and collections.
func documentedCommands(t *testing.T) [][]step {
	var groups [][]step
	for _, file := range documents(t) {
		if found := commandsIn(t, file); len(found) > 0 {
			groups = append(groups, found)
		}
	}
	var pages []step
	for _, c := range app("").Commands {
		if !c.Hidden {
			pages = append(pages, commandsIn(t, filepath.Join("..", "..", "docs", "commands", c.Name+".md"))...)
		}
	}
	return append(groups, pages)
}

func commandsIn(t *testing.T, file string) []step {
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	found := commandsOf(string(b))
	for i := range found {
		if found[i].document, err = filepath.Rel(filepath.Join("..", ".."), file); err != nil {
			t.Fatal(err)
		}
	}
	return found
}

var (
	programLine = regexp.MustCompile(`^(?:[A-Z_]+=\S+ |/usr/bin/time -v )*(?:(?:\S*/)?udml-gpu|curl) `)
	allTogether = regexp.MustCompile(`\s(?:&&|;)\s`)
)

// commandsOf are the lines of the fenced blocks that have commands of this program, or of curl, which speaks to serve.
func commandsOf(text string) []step {
	var found, block []step
	inside, ours := false, false
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		if strings.HasPrefix(lines[i], "```") {
			if inside && ours {
				found = append(found, block...)
			}
			inside, ours, block = !inside, false, nil
			continue
		}
		if !inside {
			continue
		}
		at, whole := i+1, lines[i]
		for strings.HasSuffix(whole, `\`) && i+1 < len(lines) {
			i++
			whole = strings.TrimSuffix(whole, `\`) + " " + strings.TrimSpace(lines[i])
		}
		for _, part := range allTogether.Split(comment.ReplaceAllString(whole, ""), -1) {
			if part = strings.TrimSpace(part); part != "" {
				block = append(block, step{line: at, text: part})
				ours = ours || programLine.MatchString(part+" ")
			}
		}
	}
	return found
}

// TestCommandsOf: comments, continued lines and several commands on a line are told apart, and blocks of other things left out.
func TestCommandsOf(t *testing.T) {
	text := "a\n```\nmake build && bin/udml-gpu doctor   # what is there\nudml-gpu train \\\n  --data x\n```\n```\nls photos\n```\n" +
		"```\ncurl 'h:1/v1/items?a=1&b=2' ; X=1 udml-gpu eval --run r#1\n```\n"
	want := []string{
		"3 make build", "3 bin/udml-gpu doctor", "4 udml-gpu train  --data x", "11 curl 'h:1/v1/items?a=1&b=2'",
		"11 X=1 udml-gpu eval --run r#1",
	}
	var got []string
	for _, d := range commandsOf(text) {
		got = append(got, fmt.Sprint(d.line, " ", d.text))
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
