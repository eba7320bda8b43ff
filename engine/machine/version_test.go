package machine

import (
	"runtime/debug"
	"testing"
)

func TestVersionOf(t *testing.T) {
	revision := debug.BuildSetting{Key: "vcs.revision", Value: "0123456789abcdef0123456789abcdef01234567"}
	modified := debug.BuildSetting{Key: "vcs.modified", Value: "true"}
	for _, c := range []struct {
		main     string
		settings []debug.BuildSetting
		want     string
	}{
		{"v1.2.3", []debug.BuildSetting{revision}, "1.2.3"},
		{"v1.2.3-rc.1", nil, "1.2.3-rc.1"},
		{"(devel)", nil, release + "-dev"},
		{"v0.0.0-20261126010142-0123456789ab", []debug.BuildSetting{revision}, release + "-dev+0123456789ab"},
		{"v1.2.3+dirty", []debug.BuildSetting{revision, modified}, release + "-dev+0123456789ab-dirty"},
	} {
		info := &debug.BuildInfo{Main: debug.Module{Version: c.main}, Settings: c.settings}
		if got := versionOf(info); got != c.want {
			t.Errorf("main module %s %v: %s, want %s", c.main, c.settings, got, c.want)
		}
	}
	if got := versionOf(nil); got != release+"-dev" {
		t.Errorf("without build information: %s", got)
	}
}
