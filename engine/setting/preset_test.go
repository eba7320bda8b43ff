package setting

import (
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestPresetsNameEverySetting: a preset names each general setting and each of its method once, except those that are Unpreset.
func TestPresetsNameEverySetting(t *testing.T) {
	for _, p := range presets {
		named := map[string]int{}
		for _, v := range p.values {
			named[v.key]++
		}
		c := Config{MethodSettings: MethodSettings{Method: p.value("method")}}
		for _, r := range c.Rows() {
			want := 0
			if r.InPresets {
				want = 1
			}
			if named[r.Key] != want {
				t.Errorf("%s names %s %d times, want %d", p.name, r.Key, named[r.Key], want)
			}
			delete(named, r.Key)
		}
		for key := range named {
			t.Errorf("%s names %s, which its runs do not have", p.name, key)
		}
	}
}

// TestPresetsResolve: a preset is a valid configuration that leaves nothing open, and it asks for a file of weights.
func TestPresetsResolve(t *testing.T) {
	for _, p := range presets {
		l, err := NewLayers(p.name, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		before := l.Config
		before.Shards = 1 // of one rank, which no preset knows
		if err := l.Config.Resolve(); err != nil {
			t.Fatalf("%s: %v", p.name, err)
		}
		if !equal(l.Config, before) || l.Config.Preset != p.name {
			t.Errorf("%s becomes %+v", p.name, l.Config)
		}
		if err := l.Config.WantWeights(); err == nil || !strings.Contains(err.Error(), "name a file with --pretrained=FILE (") {
			t.Errorf("%s without weights: %v; the message must say where they are found", p.name, err)
		}
	}
}

// TestPresetsAreDocumented: docs/method.md has a table row for each value, with its source, and no other rows.
func TestPresetsAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/method.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(text), "\n## The published protocols\n")
	if !ok {
		t.Fatal("docs/method.md has no section on the published protocols")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	rows := regexp.MustCompile("(?m)^\\| `--([a-z-]+)` \\| `([^`]+)` \\| ([a-z, -]+) \\| ([a-z ]+) \\|").FindAllStringSubmatch(section, -1)
	written := map[string][]presetValue{}
	for _, r := range rows {
		names := strings.Split(r[3], ", ")
		if r[3] == "all" {
			names = protocols()
		}
		for _, name := range names {
			written[name] = append(written[name], presetValue{r[1], r[2], r[4]})
		}
	}
	for _, p := range presets {
		for _, v := range p.values {
			if !slices.Contains(written[p.name], v) {
				t.Errorf("%s: docs/method.md has no row %v", p.name, v)
			}
		}
		if n := len(written[p.name]); n != len(p.values) {
			t.Errorf("%s: docs/method.md has %d rows, the preset %d values", p.name, n, len(p.values))
		}
	}
}

// TestLayers: each layer wins over those before it, and the origin of every setting is known.
func TestLayers(t *testing.T) {
	l, err := NewLayers("", "f.yaml", []byte("preset: cbswr-cars\nbatch: 8\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]Setting{
		"preset": {Value: "cbswr-cars", From: FromFile}, "batch": {Value: 8, From: FromFile}, "flip": {Value: 0.75, From: FromPreset},
		"keep": {Value: 3, From: FromDefault}, "resize": {Value: 256, From: FromPreset},
	}
	for key, s := range want {
		if got := l.Settings()[key]; got != s {
			t.Errorf("%s is %v, want %v", key, got, s)
		}
	}
	l, err = NewLayers("cbswr-cub", "f.yaml", []byte("preset: cbswr-cars\n"))
	if err != nil || l.Settings()["positives"].Value != "neighbours" {
		t.Errorf("the file's preset wins over the one of the flag: %+v, %v", l, err)
	}
	var wrong *UsageError
	for _, text := range []string{"preset: cbswr\n", "presets: cbswr-cub\n", "[1,"} {
		if _, err := NewLayers("", "f.yaml", []byte(text)); !errors.As(err, &wrong) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestLayersYAML: the printed settings can be read again and mean the same.
func TestLayersYAML(t *testing.T) {
	l, err := NewLayers("cbswr-cub", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	l.Config.Data, l.Config.Out = "a: b # c", "two\nlines"
	l.Note("data", FromEnvironment)
	text, err := l.YAML()
	if err != nil {
		t.Fatal(err)
	}
	var read Config
	if err := read.ReadYAML("shown", text); err != nil || !equal(read, l.Config) {
		t.Fatalf("%v; %+v, want %+v\n%s", err, read, l.Config, text)
	}
	for _, line := range []string{"clusters: 32 # preset\n", "keep: 3 # default\n", " # environment\n"} {
		if !strings.Contains(string(text), line) {
			t.Errorf("%q is missing in\n%s", line, text)
		}
	}
}

// TestEmptyFile: a settings file with only comments changes nothing.
func TestEmptyFile(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "---\n"} {
		c := Defaults()
		if err := c.ReadYAML("f.yaml", []byte(text)); err != nil || !equal(c, Defaults()) {
			t.Errorf("%q: %+v, %v", text, c, err)
		}
	}
}
