package train

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/images"
	"udml-gpu/engine/network"
	"udml-gpu/engine/setting"
)

// edits change each part of the pipeline of a grey run of tiny, as an edit of its config.yaml would.
var edits = map[string]func(*setting.Config){
	"size":          func(c *setting.Config) { c.Size = 17 },
	"resize":        func(c *setting.Config) { c.Resize = 19 },
	"resize-mode":   func(c *setting.Config) { c.ResizeMode = "shorter" },
	"interpolation": func(c *setting.Config) { c.Interpolation = "bicubic" },
	"channels":      func(c *setting.Config) { c.Channels, c.Mean, c.Std = 3, "0,0,0", "1,1,1" },
	"channel-order": func(c *setting.Config) { c.ChannelOrder = "bgr" },
	"invert":        func(c *setting.Config) { c.Invert = false },
	"pixel-range":   func(c *setting.Config) { c.PixelRange = 255 },
	"mean":          func(c *setting.Config) { c.Mean = "0.5" },
	"std":           func(c *setting.Config) { c.Std = "0.25" },
}

// TestEditedPipeline: a run whose config.yaml was edited is refused before anything is loaded, with the name of the setting. It is
// accepted when the edit is undone, or if the model was written by a version that records no pipeline.
func TestEditedPipeline(t *testing.T) {
	c := tiny(t, nil)
	if _, _, err := trainTiny(t, c); err != nil {
		t.Fatal(err)
	}
	last := filepath.Join(c.Out, "checkpoints", "last")
	for key, edit := range edits {
		edited := c
		edit(&edited)
		err := network.KeepsPipeline(edited, last)
		var bad *baddata.Error
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), " "+key+" ") {
			t.Errorf("%s: error %v, want a *baddata.Error that names it", key, err)
		}
		if _, err := Finished(c.Out, edited, Session{UI: images.UI{Log: zerolog.Nop()}}); err == nil {
			t.Errorf("%s: the result of another pipeline is printed", key)
		}
		edited.Epochs = 2
		_, err = Resume(context.Background(), c.Out, edited, Session{UI: images.UI{Log: zerolog.Nop()}})
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), "was trained with") {
			t.Errorf("%s: resuming gives %v", key, err)
		}
	}
	if r, err := Finished(c.Out, c, Session{UI: images.UI{Log: zerolog.Nop()}}); err != nil || r == nil {
		t.Errorf("the untouched run's result is %v, %v", r, err)
	}
	if err := network.KeepsPipeline(c, last); err != nil {
		t.Error(err)
	}
	old := t.TempDir()
	if err := os.WriteFile(filepath.Join(old, network.ModelFile), []byte("\x02\x00\x00\x00\x00\x00\x00\x00{}"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := network.KeepsPipeline(c, old); err != nil {
		t.Errorf("a model without a record: %v", err)
	}
	if err := network.KeepsPipeline(c, t.TempDir()); err == nil {
		t.Error("a model that is not there has a pipeline")
	}
}
