package hub

import (
	"os"
	"path/filepath"
	"testing"
)

func TestNameOf(t *testing.T) {
	config := func(text string) string {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, configFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	for path, want := range map[string]string{
		"/home/me/.cache/hub/models--facebook--dinov2-small/snapshots/ab12": "facebook/dinov2-small",
		"models--facebook--a--b/snapshots/1":                                "facebook/a--b",
		"models--nothing":                                                   "",
		"/no/such/folder":                                                   "",
		config(`{"model_type": "dinov2", "_name_or_path": "facebook/dinov2-base"}`):       "facebook/dinov2-base",
		config(`{"model_type": "dinov2", "_name_or_path": "/home/somebody/model"}`):       "",
		config(`{"model_type": "dinov2", "_name_or_path": "a/b\n- c"}`):                   "",
		config(`{"architecture": "convnext_tiny", "pretrained_cfg": {"tag": "fb_in1k"}}`): "timm/convnext_tiny.fb_in1k",
		config(`{"architecture": "convnext_tiny", "pretrained_cfg": {}}`):                 "",
		config(`[]`): "",
	} {
		if got := NameOf(path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}
