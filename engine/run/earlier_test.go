package run

import (
	"os"
	"path/filepath"
	"testing"

	"udml-gpu/engine/setting"
)

// TestEarlierRunsKeepOneSize: a run of an earlier version, whose config.yaml names no second size, sees images at one, although the default
// for its network has two by now; one that names a second size and not whether it is mirrored sees the image itself.
func TestEarlierRunsKeepOneSize(t *testing.T) {
	const earlier = "data: d\nbackbone: squeezenet\nsize: 224\nstages: 4\n"
	now := setting.Defaults()
	if err := now.ReadYAML("config.yaml", []byte(earlier)); err != nil {
		t.Fatal(err)
	}
	if err := now.Resolve(); err != nil || now.AlsoSize == 0 {
		t.Fatalf("the same settings have --also-size %d now, %v: the test shows nothing", now.AlsoSize, err)
	}
	for _, c := range []struct {
		more string
		also int
	}{{"", 0}, {"also-size: 160\n", 160}} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, setting.ConfigFile), []byte(earlier+c.more), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := Config(dir); err != nil || got.AlsoSize != c.also || got.AlsoMirrored {
			t.Errorf("%q: --also-size %d, --also-mirrored %v, %v", c.more, got.AlsoSize, got.AlsoMirrored, err)
		}
	}
}
