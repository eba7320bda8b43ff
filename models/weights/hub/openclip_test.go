package hub

import (
	"reflect"
	"strings"
	"testing"
)

const openCLIPText = `{"model_cfg":{"embed_dim":640,"quick_gelu":true,
	"vision_cfg":{"image_size":240,"layers":6,"width":896,"patch_size":16},"text_cfg":{}},
	"preprocess_cfg":{"mean":[0.1,0.2,0.3],"std":[0.4,0.5,0.6],"interpolation":"bicubic","resize_mode":"squash"}}`

func TestOpenCLIP(t *testing.T) {
	m, err := Open(written(t, map[string]string{"open_clip_config.json": openCLIPText, "open_clip_model.safetensors": ""}))
	if err != nil {
		t.Fatal(err)
	}
	if want := (Architecture{OpenCLIP, clip, "", 896, 6, 14, 16, "quick_gelu", 0}); m.Architecture != want {
		t.Errorf("%+v, want %+v", m.Architecture, want)
	}
	want := &Input{240, 240, "squash", "bicubic", 1, []float64{0.1, 0.2, 0.3}, []float64{0.4, 0.5, 0.6}, "open_clip_config.json"}
	if !reflect.DeepEqual(m.Input, want) {
		t.Errorf("%+v, want %+v", m.Input, want)
	}
	for _, c := range [][2]string{
		{`{}`, `has no model_cfg.vision_cfg`},
		{`{"model_cfg":{"vision_cfg":{"layers":[3,4,6,3]}}}`, `model_cfg.vision_cfg.layers is [3,4,6,3]`},
		{`{"model_cfg":{"vision_cfg":{"timm_model_name":"convnext_base"}}}`, `the vision tower "convnext_base" is not supported`},
		{`{"model_cfg":{"vision_cfg":{"pool_type":"avg"}}}`, `pool_type is "avg": expected tok`},
		{`{"model_cfg":{"vision_cfg":{"attentional_pool":true}}}`, `attentional_pool is true: expected false`},
		{`{"model_cfg":{"vision_cfg":{}},"preprocess_cfg":{"resize_mode":"long"}}`, `resize_mode is "long"`},
		{`{"model_cfg":{"vision_cfg":{"timm_model_name":"vit_base_patch16_siglip_224","image_size":[224,256]}}}`, `expected a square`},
	} {
		text, want := c[0], c[1]
		_, err := prepared(written(t, map[string]string{"open_clip_config.json": text, "open_clip_model.safetensors": ""}))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", text, err, want)
		}
	}
}

func TestLicence(t *testing.T) {
	for readme, want := range map[string]string{
		"---\nlicense: apache-2.0\ntags:\n- vision\n---\n# x":            "apache-2.0",
		"---\r\nlicense: other\r\nlicense_name: dinov3-license\r\n---\r": "dinov3-license",
		"---\nlicense: other\n---\n":                                     "other",
		"---\nlicense:\n- \"mit\"\n- x\n---\n":                           "mit",
		"---\ntags:\n- a\nlicense: 'mit'\n---\n":                         "mit",
		"---\nlicense: mit\n":                                            "",
		"license: mit\n":                                                 "",
		"---\nlicense: \x1b[2J\n---\n":                                   "",
		"---\nlicense: " + strings.Repeat("x", 101) + "\n---\n":          "",
		"": "",
	} {
		m, err := Open(withWeights(t, map[string]string{"config.json": `{"model_type":"vit"}`, "README.md": readme}))
		if err != nil || m.Licence != want {
			t.Errorf("%q: %q, %v; want %q", readme, m.Licence, err, want)
		}
	}
	m, err := Open(withWeights(t, map[string]string{
		"config.json": `{"architecture":"vit_a","pretrained_cfg":{"license":"dinov3-license"}}`,
	}))
	if err != nil || m.Licence != "dinov3-license" {
		t.Errorf("timm: %+v, %v", m, err)
	}
}
