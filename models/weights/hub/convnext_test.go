package hub

import (
	"fmt"
	"strings"
	"testing"

	"udml-gpu/models/backbone"
	"udml-gpu/models/weights/file"
)

// TestConvNeXtFolder: the tensors of a ConvNeXt's folder say which it is, under the names of each publisher.
func TestConvNeXtFolder(t *testing.T) {
	blocks := func(of string, n int) (list []file.Tensor) {
		for i := range n {
			list = append(list, zero(fmt.Sprintf(of, i), 1))
		}
		return list
	}
	for _, c := range []struct {
		config, stem, block string
		width, blocks       int
		want                string
	}{
		{
			`{"model_type":"convnext"}`, "convnext.embeddings.patch_embeddings.weight", "convnext.encoder.stages.2.layers.%d.dwconv.bias",
			96, 9, "convnext_tiny",
		},
		{
			`{"model_type":"convnext"}`, "embeddings.patch_embeddings.weight", "encoder.stages.2.layers.%d.dwconv.bias",
			96, 27, "convnext_small",
		},
		{`{"model_type":"dinov3_convnext"}`, "stages.0.downsample_layers.0.weight", "stages.2.layers.%d.gamma", 128, 27, "convnext_base"},
		{`{"architecture":"convnext_tiny.fb_in1k"}`, "stem.0.weight", "stages.2.blocks.%d.gamma", 96, 9, "convnext_tiny"},
	} {
		o, err := OpenWeights(model(t, c.config, append(blocks(c.block, c.blocks), zero(c.stem, c.width, 3, 4, 4))), backbone.Spec{})
		if err != nil {
			t.Fatal(err)
		}
		if o.Undecided != nil || o.Backbone != c.want {
			t.Errorf("%s: %q, %v, want %s", c.stem, o.Backbone, o.Undecided, c.want)
		}
		o.Close()
	}
	other := append(blocks("stages.2.blocks.%d.gamma", 5), zero("stem.0.weight", 80, 3, 4, 4))
	o, err := OpenWeights(model(t, `{"model_type":"convnext"}`, other), backbone.Spec{})
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	if o.Undecided == nil || !strings.Contains(o.Undecided.Error(), "80 channels with 5 blocks") {
		t.Errorf("another ConvNeXt: %v", o.Undecided)
	}
}
