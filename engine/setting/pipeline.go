package setting

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"

	"udml-gpu/engine/data/baddata"
)

// PipelineKey is where the metadata of a model and of a file of embeddings say what lies between an image file and the network.
const PipelineKey = "pipeline"

// Pipeline is that, as JSON whose keys are the flags' names. A program that uses the network elsewhere must do the same to an image.
func (c *Config) Pipeline() string {
	mean, _ := numbers(c.Mean) // checked by Resolve
	std, _ := numbers(c.Std)
	text, err := json.Marshal(map[string]any{
		"size": c.Size, "resize": c.Resize, "resize-mode": c.ResizeMode, "interpolation": c.Interpolation, "channels": c.Channels,
		"invert": c.Invert, "channel-order": c.ChannelOrder, "pixel-range": c.PixelRange, "mean": mean, "std": std,
	})
	if err != nil {
		panic(err) // a number that is not finite: checked too
	}
	return string(text)
}

// SamePipeline compares the record that the model at path holds with c.
func (c *Config) SamePipeline(path, recorded string) error {
	var was, now map[string]any
	if err := json.Unmarshal([]byte(recorded), &was); err != nil {
		return baddata.Errorf("%s is damaged: its record of how images are shown to the network cannot be read: %v", path, err)
	}
	if err := json.Unmarshal([]byte(c.Pipeline()), &now); err != nil {
		panic(err)
	}
	for _, key := range slices.Sorted(maps.Keys(now)) {
		if !reflect.DeepEqual(was[key], now[key]) {
			return baddata.Errorf("%s was trained with %s %s, and the run's %s now says %s: put it back, as the network knows no other images",
				path, key, plain(was[key]), ConfigFile, plain(now[key]))
		}
	}
	if len(was) != len(now) {
		return baddata.Errorf("%s was written by a later version of this program: its record of how images are shown to the network has "+
			"settings that this one does not know", path)
	}
	return nil
}

// plain is a value as a flag or the YAML file has it.
func plain(v any) string {
	text, _ := json.Marshal(v) // v came from JSON
	return strings.Trim(string(text), `[]"`)
}
