package engine

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"udml-gpu/engine/data"
)

// TestPipelineIsRecorded: every key of the record is a setting that a run cannot change.
func TestPipelineIsRecorded(t *testing.T) {
	c, err := resolved(t, "squeezenet", nil)
	if err != nil {
		t.Fatal(err)
	}
	var record map[string]any
	if err := json.Unmarshal([]byte(c.pipeline()), &record); err != nil || len(record) != 10 {
		t.Fatalf("%s: %v", c.pipeline(), err)
	}
	for key := range record {
		if !networkKeys[key] || freeToChange[key] {
			t.Errorf("%s may be changed", key)
		}
	}
	want := `{"channel-order":"rgb","channels":3,"interpolation":"bilinear","invert":false,"mean":[123,117,104],"pixel-range":255,"resize":88,"resize-mode":"squash","size":80,"std":[1,1,1]}`
	if c.pipeline() != want {
		t.Errorf("%s\nwant %s", c.pipeline(), want)
	}
}

// edits change each part of the pipeline of a grey run of tiny, as somebody with an editor would.
var edits = map[string]func(*Config){
	"size": func(c *Config) { c.Size = 17 }, "resize": func(c *Config) { c.Resize = 19 }, "resize-mode": func(c *Config) { c.ResizeMode = "shorter" },
	"interpolation": func(c *Config) { c.Interpolation = "bicubic" }, "channels": func(c *Config) { c.Channels, c.Mean, c.Std = 3, "0,0,0", "1,1,1" },
	"channel-order": func(c *Config) { c.ChannelOrder = "bgr" }, "invert": func(c *Config) { c.Invert = false },
	"pixel-range": func(c *Config) { c.PixelRange = 255 }, "mean": func(c *Config) { c.Mean = "0.5" }, "std": func(c *Config) { c.Std = "0.25" },
}

// TestEditedPipeline: a run whose config.yaml was edited is refused by name before anything is loaded, and taken again when
// it is put back, or where the model is of a version that records nothing.
func TestEditedPipeline(t *testing.T) {
	c := tiny(t, nil)
	if _, _, err := trainTiny(t, c); err != nil {
		t.Fatal(err)
	}
	last := filepath.Join(c.Out, "checkpoints", "last")
	for key, edit := range edits {
		edited := c
		edit(&edited)
		err := edited.keepsPipeline(last)
		var bad *data.Error
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), " "+key+" ") {
			t.Errorf("%s: error %v, want a *data.Error that names it", key, err)
		}
		if _, err := Finished(c.Out, edited, Session{Log: zerolog.Nop()}); err == nil {
			t.Errorf("%s: the result of another pipeline is printed", key)
		}
		edited.Epochs = 2
		if _, err := Resume(context.Background(), c.Out, edited, Session{Log: zerolog.Nop()}); !errors.As(err, &bad) || !strings.Contains(err.Error(), "was trained with") {
			t.Errorf("%s: resuming gives %v", key, err)
		}
	}
	if r, err := Finished(c.Out, c, Session{Log: zerolog.Nop()}); err != nil || r == nil {
		t.Errorf("the untouched run's result is %v, %v", r, err)
	}
	if err := c.keepsPipeline(last); err != nil {
		t.Error(err)
	}
	old := t.TempDir()
	if err := os.WriteFile(filepath.Join(old, modelFile), []byte("\x02\x00\x00\x00\x00\x00\x00\x00{}"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := c.keepsPipeline(old); err != nil {
		t.Errorf("a model without a record: %v", err)
	}
	if err := c.keepsPipeline(t.TempDir()); err == nil {
		t.Error("a model that is not there has a pipeline")
	}
}

// FuzzPipeline: a record is taken when it says the same as the settings, and refused otherwise.
func FuzzPipeline(f *testing.F) {
	c := Defaults()
	c.Data, c.Backbone = "photos", "squeezenet"
	if err := c.Resolve(); err != nil {
		f.Fatal(err)
	}
	f.Add(c.pipeline())
	f.Add(strings.Replace(c.pipeline(), "squash", "shorter", 1))
	f.Add(strings.Replace(c.pipeline(), "{", `{"gamma":2.2,`, 1))
	f.Add(strings.Replace(c.pipeline(), "123", "1e999", 1))
	f.Add(`null`)
	f.Add(`{"mean":{"a":[[[]]]}}`)
	f.Fuzz(func(t *testing.T, record string) {
		err := c.samePipeline("m", record)
		var was map[string]any
		if json.Unmarshal([]byte(record), &was) != nil {
			was = nil
		}
		again, _ := json.Marshal(was) // keys sorted, one spelling
		if same := string(again) == c.pipeline(); same != (err == nil) {
			t.Fatalf("%s: %v", record, err)
		}
	})
}
