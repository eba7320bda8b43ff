package setting

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"

	"udml-gpu/engine/data/baddata"
)

// PipelineKey is the key of the pipeline in the metadata of models and of files of embeddings.
const PipelineKey = "pipeline"

// Pipeline is what is done to an image file before the network sees it, as JSON whose keys are the flags' names. A program that uses
// the network elsewhere must do the same.
func (c *Config) Pipeline() string {
	mean, _ := numbers(c.Mean) // checked by Resolve
	std, _ := numbers(c.Std)
	text, err := json.Marshal(map[string]any{
		"size": c.Size, "resize": c.Resize, "resize-mode": c.ResizeMode, "interpolation": c.Interpolation, "channels": c.Channels,
		"invert": c.Invert, "channel-order": c.ChannelOrder, "pixel-range": c.PixelRange, "mean": mean, "std": std,
	})
	if err != nil {
		panic(err) // only for numbers that are not finite, which Resolve refuses
	}
	return string(text)
}

// SamePipeline is a baddata.Error if the pipeline recorded in the model at path differs from c's.
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
			return baddata.Errorf("%s was trained with %s %s, and the run's %s now says %s: change it back, as the network was trained on "+
				"such images only", path, key, plain(was[key]), ConfigFile, plain(now[key]))
		}
	}
	if len(was) != len(now) {
		return baddata.Errorf("%s was written by a later version of this program: its record of how images are shown to the network has "+
			"settings that this one does not know", path)
	}
	return nil
}

// plain is a value as it is written in a flag or the YAML file.
func plain(v any) string {
	text, _ := json.Marshal(v) // v came from JSON
	return strings.Trim(string(text), `[]"`)
}
