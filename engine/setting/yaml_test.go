package setting

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestYAMLIsPlain: features of YAML with which a small file could cost hours or gigabytes are refused before decoding. An unknown
// key is named, together with the most similar one.
func TestYAMLIsPlain(t *testing.T) {
	references := "a0: &a0 [x]\n"
	for i := range 9 {
		references += fmt.Sprintf("a%d: &a%d [%s*a%d]\n", i+1, i+1, strings.Repeat(fmt.Sprintf("*a%d,", i), 9), i)
	}
	for _, c := range []struct{ text, want string }{
		{references, `f.yaml, line 1, column 5: "&" cannot be used in settings`},
		{strings.Repeat("[", MaxConfig), `line 1, column 1: "[" cannot be used`},
		{"data: " + strings.Repeat("{a: ", 1<<12), `line 1, column 7: "{" cannot be used`},
		{"data:\n  - photos\n", `line 2, column 3: "-" cannot be used`},
		{"x: !!binary aaaa\n", `"!!binary" cannot be used`},
		{strings.Repeat("# much\n", 1<<14), "more than 64 KiB"},
		{"lr: 0.1\nepoch: 3\n", `line 2, column 1: "epoch" is not a setting; did you mean epochs?`},
		{"learning: 3\n", `"learning" is not a setting`},
	} {
		cfg := Defaults()
		err := cfg.ReadYAML("f.yaml", []byte(c.text))
		if _, ok := err.(*UsageError); !ok || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.40q: error %v, want %q", c.text, err, c.want)
		}
	}
	c := Defaults()
	c.Data, c.Out = "photos", "runs/a"
	if err := c.Resolve(); err != nil {
		t.Fatal(err)
	}
	all, err := c.YAML()
	cfg := Defaults()
	if err == nil {
		err = cfg.ReadYAML("f.yaml", all)
	}
	if err != nil {
		t.Errorf("what the program writes is refused: %v", err)
	}
}

// TestReadYAMLMarked: a byte order mark and line ends of Windows are accepted; UTF-16 is refused by name.
func TestReadYAMLMarked(t *testing.T) {
	c := Defaults()
	if err := c.ReadYAML("c.yaml", []byte("\xef\xbb\xbfepochs: 7\r\nbatch: 3\r\n")); err != nil || c.Epochs != 7 || c.Batch != 3 {
		t.Errorf("epochs %d, batch %d: %v", c.Epochs, c.Batch, err)
	}
	if err := c.ReadYAML("c.yaml", []byte("\xef\xbb\xbf")); err != nil || c.Epochs != 7 {
		t.Errorf("nothing but a mark: epochs %d: %v", c.Epochs, err)
	}
	for _, text := range []string{"\xff\xfee\x00:\x00", "\xfe\xff\x00e\x00:"} {
		if err := c.ReadYAML("c.yaml", []byte(text)); err == nil || err.Error() != "c.yaml is in UTF-16: save it as UTF-8" {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestYAMLKeepsNames: names of files that are not UTF-8, or look like one escaped, are read again as they were written.
func TestYAMLKeepsNames(t *testing.T) {
	for _, name := range []string{
		"caf\xe9/x.zip", "csv:caf\xe9.csv", "bytes:x", "50%\xff", "a: b #c", "café", " a ", "a\nb", "'\"", "1", "true", "~",
	} {
		c := Defaults()
		c.Data, c.Out = name, name
		text, err := c.YAML()
		if err != nil || !utf8.Valid(text) {
			t.Fatalf("%q: %v, %q", name, err, text)
		}
		got := Defaults()
		if err := got.ReadYAML("f.yaml", text); err != nil || got.Data != name || got.Out != name {
			t.Errorf("%q is read as %q and %q, %v", name, got.Data, got.Out, err)
		}
	}
}
