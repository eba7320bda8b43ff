package hub

import (
	"reflect"
	"strings"
	"testing"
)

// TestInput: what image processors' files say, as transformers 5 and older versions write them.
func TestInput(t *testing.T) {
	third := []float64{0.1, 0.2, 0.3}
	const levels = `"image_mean":[0.1,0.2,0.3],"image_std":[0.1,0.2,0.3]`
	for _, c := range []struct {
		model, text string
		want        Input
	}{
		{
			"dinov2", `{"size":{"shortest_edge":256},"crop_size":{"height":224,"width":224},"do_center_crop":true,
				"resample":3,` + levels + `}`,
			Input{224, 256, shorterFloor, "bicubic", 1, third, third, inputFile},
		},
		{
			"dinov3_vit", `{"size":{"height":224,"width":224},"resample":2,"rescale_factor":0.00392156862745098,` + levels + `}`,
			Input{224, 224, "squash", "bilinear", 1, third, third, inputFile},
		},
		{
			"clip", `{"size":224,"crop_size":224,"do_center_crop":true,"resample":3,` + levels + `}`,
			Input{224, 224, shorterFloor, "bicubic", 1, third, third, inputFile},
		},
		{"vit", `{"size":224,"resample":2,` + levels + `}`, Input{224, 224, "squash", "bilinear", 1, third, third, inputFile}},
		{
			"siglip", `{"size":{"height":384,"width":384},"resample":1,"do_normalize":false}`,
			Input{384, 384, "squash", "lanczos", 1, []float64{0, 0, 0}, []float64{1, 1, 1}, inputFile},
		},
		{
			"siglip", `{"size":{"height":384,"width":384},"do_rescale":false,` + levels + `}`,
			Input{384, 384, "squash", "bicubic", 255, third, third, inputFile},
		},
		{
			"convnext", `{"size":{"shortest_edge":224},"crop_pct":0.875,` + levels + `}`,
			Input{224, 256, shorterFloor, "bicubic", 1, third, third, inputFile},
		},
		{"convnext", `{"size":224,` + levels + `}`, Input{224, 256, shorterFloor, "bicubic", 1, third, third, inputFile}},
		{"convnext", `{"size":{"shortest_edge":384},` + levels + `}`, Input{384, 384, "squash", "bicubic", 1, third, third, inputFile}},
	} {
		files := map[string]string{"config.json": `{"model_type":"` + c.model + `"}`, inputFile: c.text}
		m, err := Open(withWeights(t, files))
		if err != nil || !reflect.DeepEqual(*m.Input, c.want) {
			t.Errorf("%s %s: %v, %v; want %v", c.model, c.text, m, err, c.want)
			continue
		}
		delete(files, inputFile)
		files[processorFile] = `{"processor_class":"CLIPProcessor","image_processor":` + c.text + `}`
		c.want.From = processorFile
		if m, err = Open(withWeights(t, files)); err != nil || !reflect.DeepEqual(*m.Input, c.want) {
			t.Errorf("%s: %v, %v", processorFile, m, err)
		}
	}
}

func TestInputRefused(t *testing.T) {
	for _, c := range [][2]string{
		{`{"size":{"height":224,"width":256}}`, `size is {"height":224,"width":256}: expected a square`},
		{`{"size":{"shortest_edge":224}}`, `do_center_crop is null: expected true with a shortest_edge`},
		{`{"size":{"shortest_edge":224,"longest_edge":1000}}`, `expected {"shortest_edge": N} or`},
		{`{}`, `size is null: expected {"shortest_edge"`},
		{`{"size":{"max_height":3}}`, `expected {"shortest_edge": N} or`},
		{`{"size":"big"}`, `size is "big": expected a number`},
		{`{"size":1e9}`, `expected a whole number`},
		{`{"size":100000}`, `size is 100000: expected from the crop's`},
		{`{"size":0}`, `size is 0: expected from the crop's`},
		{`{"size":200,"crop_size":224,"do_center_crop":true}`, `size is 200: expected from the crop's 224`},
		{
			`{"size":224,"crop_size":{"height":224,"width":1},"do_center_crop":true}`,
			`crop_size is {"height":224,"width":1}: expected a square`,
		},
		{`{"size":224,"do_resize":false}`, `do_resize is false: expected true`},
		{`{"size":224,"do_pad":true}`, `do_pad is true`},
		{`{"size":224,"resample":0}`, `resample is 0: expected 1 (lanczos)`},
		{`{"size":224,"rescale_factor":0.00784}`, `rescale_factor is 0.00784: expected 1/255`},
		{`{"size":224}`, `is null: expected 3 numbers`},
		{`{"size":224,"image_mean":[1,2]}`, `image_mean is [1,2]: expected 3 numbers`},
		{`{"size":224,"image_std":[0,0,0]}`, `image_std is [0,0,0]: expected 3 numbers`},
		{`{"size":224,"image_mean":["a",1,2]}`, `image_mean is ["a",1,2]`},
		{`{"size":224,"do_normalize":"yes"}`, `do_normalize is "yes": expected true or false`},
		{`{"size":`, `preprocessor_config.json is damaged`},
	} {
		text, want := c[0], c[1]
		_, err := prepared(withWeights(t, map[string]string{"config.json": `{"model_type":"vit"}`, inputFile: text}))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), inputFile) {
			t.Errorf("%s: error %v, want one with %q", text, err, want)
		}
	}
}

// TestTimmInput: the shorter side is size/crop_pct, rounded down.
func TestTimmInput(t *testing.T) {
	m, err := Open(withWeights(t, map[string]string{"config.json": `{"architecture":"vit_base_patch32_clip_224","pretrained_cfg":{
		"input_size":[3,224,224],"interpolation":"bicubic","crop_pct":0.9,"crop_mode":"center",
		"mean":[0.1,0.2,0.3],"std":[0.4,0.5,0.6]}}`}))
	want := &Input{224, 248, "shorter", "bicubic", 1, []float64{0.1, 0.2, 0.3}, []float64{0.4, 0.5, 0.6}, configFile}
	if err != nil || !reflect.DeepEqual(m.Input, want) {
		t.Errorf("%+v, %v; want %+v", m, err, want)
	}
}

// FuzzFolder: any configuration and processor give numbers within their bounds, or an error.
func FuzzFolder(f *testing.F) {
	f.Add(`{"model_type":"clip","vision_config":{"hidden_size":32,"patch_size":[16,16]}}`,
		`{"size":{"shortest_edge":224},"crop_size":224,"do_center_crop":true}`)
	f.Add(`{"model_type":"dinov3_vit"}`, `{"size":{"height":224,"width":224},"resample":2,"image_mean":[0.1,0.2,0.3]}`)
	f.Add(`{"architecture":"vit_base_patch32_clip_224","pretrained_cfg":{"crop_pct":0.9,"input_size":[3,224,224]}}`, `{}`)
	f.Add(openCLIPText, `{"size":224}`)
	f.Fuzz(func(t *testing.T, config, input string) {
		for name, weights := range map[string]string{"config.json": usualWeights[0], openCLIPConfig: openCLIPWeights[0]} {
			m, err := prepared(written(t, map[string]string{name: config, inputFile: input, weights: ""}))
			if err != nil {
				continue
			}
			for _, n := range []int{m.Dim, m.Depth, m.Heads, m.Patch} {
				if n < 0 || n > maxWhole {
					t.Fatalf("%+v", m.Architecture)
				}
			}
			if in := m.Input; in != nil {
				sized := in.Size >= 1 && in.Resize >= in.Size && in.Resize <= 10*maxSide
				if !sized || len(in.Mean) != 3 || len(in.Std) != 3 || in.Interpolation == "" {
					t.Fatalf("%+v", in)
				}
			}
		}
	})
}
