package run

import (
	"os"
	"path/filepath"
	"testing"

	"udml-gpu/engine/setting"
)

// TestEarlierRunsKeepOneSize: a run of an earlier version, whose config.yaml names no second size, sees images at one, although the default
// for its network has two by now.
func TestEarlierRunsKeepOneSize(t *testing.T) {
	const earlier = "data: d\nbackbone: squeezenet\nsize: 224\nstages: 4\n"
	now := setting.Defaults()
	if err := now.ReadYAML("config.yaml", []byte(earlier)); err != nil {
		t.Fatal(err)
	}
	if err := now.Resolve(); err != nil || now.AlsoSize == 0 {
		t.Fatalf("the same settings have --also-size %d now, %v: the test shows nothing", now.AlsoSize, err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, setting.ConfigFile), []byte(earlier), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err := Config(dir); err != nil || c.AlsoSize != 0 {
		t.Errorf("--also-size %d, %v", c.AlsoSize, err)
	}
}
