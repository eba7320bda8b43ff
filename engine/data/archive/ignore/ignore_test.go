package ignore

import (
	"strings"
	"testing"
	"time"
)

// TestMatch: lines of the kinds that gitignore(5) describes, with paths that each leaves out, and others.
func TestMatch(t *testing.T) {
	for _, c := range []struct{ rules, out, in string }{
		{"*.gif", "a.gif x/b.gif .gif", "a.gif.png agif"},
		{"# note\n\n\\#a\n \n", "#a x/#a", "# note a"},
		{"thumbs", "thumbs/ x/thumbs x/y/thumbs/", "thumbs2 athumbs"},
		{"thumbs/", "thumbs/ x/thumbs/", "thumbs x/thumbs"},
		{"/old", "old old/", "x/old"},
		{"a/b", "a/b", "x/a/b b"},
		{"a/b/", "a/b/", "a/b x/a/b/"},
		{"a/*", "a/b a/c/", "a/ a/b/c x/a/b"},
		{"a/**", "a/b a/b/c a/b/", "a/ x/a/b"},
		{"**/a", "a x/a x/y/a", "xa x/ya"},
		{"**/a/b", "a/b x/a/b", "a/x/b"},
		{"a/**/b", "a/b a/x/b a/x/y/b", "ab x/a/b a/b/c"},
		{"a**b", "ab axyb x/aab", "a/b"},
		{"*.png\n!keep.png", "a.png x/b.png", "keep.png x/keep.png"},
		{"!keep.png\n*.png", "a.png keep.png", "keep.jpg"},
		{"/*\n!/a", "b b/", "a a/ a/b"},
		{"IMG_?.jpg", "IMG_1.jpg x/IMG_é.jpg", "IMG_12.jpg IMG_.jpg"},
		{"[a-c]x", "ax bx cx", "dx x abx [a-c]x"},
		{"[!a-c]x", "dx éx", "ax bx"},
		{"[^a]x\n", "bx", "ax"},
		{"[]-]x", "]x -x", "ax"},
		{"[a-]x", "ax -x", "bx"},
		{"[\\]a]x", "]x ax", "\\x"},
		{"[ax", "", "ax [ax"},
		{"\\!a\n\\*b", "!a *b", "a xb"},
		{"a\\", "", "a a\\"},
		{"end ", "end", "enda"},
		{"a.txt\r\nb.txt\r\n", "a.txt b.txt", "c.txt"},
		{"\ufeffa", "a", "b"},
		{"caf\xe9*", "caf\xe9 caf\xe9.jpg", "café"},
		{"?", "a \xe9", "ab"},
		{"/\n//\n!\n!/\n", "", "a a/ b/c"},
		{"*a*a*a*b", "aaab xaxaxab", "aaa"},
	} {
		rules := Parse(c.rules)
		for path := range strings.FieldsSeq(c.out) {
			if !leftOut(rules, path) {
				t.Errorf("%q takes %s", c.rules, path)
			}
		}
		for path := range strings.FieldsSeq(c.in) {
			if leftOut(rules, path) {
				t.Errorf("%q leaves out %s", c.rules, path)
			}
		}
	}
}

// leftOut is what the rules say of a path, which ends in a slash when it is a folder.
func leftOut(rules Rules, path string) bool {
	name, folder := strings.CutSuffix(path, "/")
	told, out := rules.Match(name, folder)
	return told && out
}

// TestSpacesAtTheEnd: they are cut off, unless a backslash is before them.
func TestSpacesAtTheEnd(t *testing.T) {
	for line, want := range map[string]string{"a  ": "a", `a\  `: `a\ `, `a\\ `: `a\\`, "   ": "", "a b": "a b"} {
		if got := trimSpaces(line); got != want {
			t.Errorf("%q is cut to %q, want %q", line, got, want)
		}
	}
	if !leftOut(Parse(`a\ `), "a ") {
		t.Error("a name with a space at its end is taken")
	}
}

// TestUntold: a path that no rule matches is left to the rules of the folders around.
func TestUntold(t *testing.T) {
	rules := Parse("*.png\n!a.png")
	if told, _ := rules.Match("b.jpg", false); told {
		t.Error("b.jpg")
	}
	if told, out := rules.Match("a.png", false); !told || out {
		t.Error("a.png")
	}
}

// TestPatternsOfManyStars takes forever where each star multiplies the time.
func TestPatternsOfManyStars(t *testing.T) {
	start := time.Now()
	name := strings.Repeat("a", 250)
	leftOut(Parse(strings.Repeat("*a", 100)+"b"), name)
	leftOut(Parse(strings.Repeat("**/a/", 100)+"b"), strings.Repeat("a/", 1000)+"c")
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
}

// FuzzMatch: every text is a file of rules that answers for every path.
func FuzzMatch(f *testing.F) {
	f.Add("*.png\n!/a/**/b\n[!a-\\]", "a/x/b")
	f.Add("\\", "\\")
	f.Add("[", "[")
	f.Add("[a-\\", "a")
	f.Fuzz(func(t *testing.T, text, path string) {
		rules := Parse(text)
		for _, folder := range []bool{false, true} {
			if told, out := rules.Match(path, folder); out && !told {
				t.Error("left out by no rule")
			}
		}
	})
}
