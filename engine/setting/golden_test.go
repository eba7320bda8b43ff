package setting

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// file is a settings file that an earlier version wrote, in which Config held the settings of all methods, on a machine with two
// processors.
func file(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "files", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestShownAsBefore: --show-config prints the same bytes as before, for the defaults and for a preset.
func TestShownAsBefore(t *testing.T) {
	for name, preset := range map[string]string{"shown.yaml": "", "shown_cbswr-cub.yaml": "cbswr-cub"} {
		l, err := NewLayers(preset, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		l.Config.Workers = 2
		if preset != "" {
			l.Note("preset", FromFlag)
		}
		if err := l.Resolve(); err != nil {
			t.Fatal(err)
		}
		text, err := l.YAML()
		if want := file(t, name); err != nil || string(text) != want {
			t.Errorf("%s%v, want %s", text, err, want)
		}
	}
}

// TestConfigAsBefore: a config.yaml of an earlier version is read and written again with the same bytes, except for the settings of
// other methods than the run's.
func TestConfigAsBefore(t *testing.T) {
	for name, others := range map[string][]string{
		"config_cbswr.yaml": nil,
		"config_rim.yaml":   {"temperature: 0.1\n", "alpha: 1.0\n", "metric-weight: 0.9\n", "rec-weight: 0.001\n"},
	} {
		want := file(t, name)
		c := Defaults()
		if err := c.ReadYAML(name, []byte(want)); err != nil {
			t.Fatal(err)
		}
		before := c
		if err := c.Resolve(); err != nil || !equal(c, before) {
			t.Errorf("%s: resolving changes what is resolved, error %v", name, err)
		}
		for _, line := range others {
			if !strings.Contains(want, line) {
				t.Fatalf("%s has no line %q", name, line)
			}
			want = strings.Replace(want, line, "", 1)
		}
		text, err := c.YAML()
		if err != nil || string(text) != want {
			t.Errorf("%s%v, want %s", text, err, want)
		}
	}
}
