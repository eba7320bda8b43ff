package hub

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// written is a folder with these files.
func written(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// prepared is Open, with the fault of the preparation of images.
func prepared(path string) (*Model, error) {
	m, err := Open(path)
	if err == nil {
		err = m.inputFault
	}
	return m, err
}

// withWeights is written, with an empty file of weights.
func withWeights(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := written(t, files)
	if err := os.WriteFile(filepath.Join(dir, "model.safetensors"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestModelTypes: each model_type with the defaults of its class, and with numbers of its own.
func TestModelTypes(t *testing.T) {
	for _, c := range []struct {
		config string
		want   Architecture
	}{
		{`{"model_type":"dinov2"}`, Architecture{Transformers, dinov2, "", 768, 12, 12, 14, "gelu", 1e-6}},
		{`{"model_type":"dinov2","hidden_size":384,"num_hidden_layers":3,"num_attention_heads":6,"patch_size":[7,7],
			"layer_norm_eps":1e-5}`, Architecture{
			Transformers, dinov2, "", 384, 3, 6, 7, "gelu", 1e-5,
		}},
		{`{"model_type":"dinov2_with_registers","patch_size":14}`, Architecture{Transformers, dinov2, "", 768, 12, 12, 14, "gelu", 1e-6}},
		{`{"model_type":"dinov3_vit","use_gated_mlp":true,"hidden_act":"silu"}`, Architecture{
			Transformers, dinov3, "", 384, 12, 6, 16, "silu", 1e-5,
		}},
		{`{"model_type":"clip","hidden_size":1,"vision_config":{"hidden_size":1024.0,"hidden_act":"gelu"}}`, Architecture{
			Transformers, clip, "", 1024, 12, 12, 32, "gelu", 1e-5,
		}},
		{`{"model_type":"clip"}`, Architecture{Transformers, clip, "", 768, 12, 12, 32, "quick_gelu", 1e-5}},
		{`{"model_type":"clip_vision_model","patch_size":16}`, Architecture{Transformers, clip, "", 768, 12, 12, 16, "quick_gelu", 1e-5}},
		{
			`{"model_type":"siglip","vision_config":null}`,
			Architecture{Transformers, siglip, "", 768, 12, 12, 16, "gelu_pytorch_tanh", 1e-6},
		},
		{`{"model_type":"siglip_vision_model"}`, Architecture{Transformers, siglip, "", 768, 12, 12, 16, "gelu_pytorch_tanh", 1e-6}},
		{`{"model_type":"vit"}`, Architecture{Transformers, vit, "", 768, 12, 12, 16, "gelu", 1e-12}},
		{`{"model_type":"convnext"}`, Architecture{Transformers, convnext, "", 0, 0, 0, 0, "gelu", 1e-12}},
		{`{"architecture":"vit_small_patch14_dinov2.lvd142m"}`, Architecture{Timm, dinov2, "", 0, 0, 0, 0, "", 0}},
		{`{"architecture":"vit_small_patch14_reg4_dinov2"}`, Architecture{Timm, dinov2, "", 0, 0, 0, 0, "", 0}},
		{`{"architecture":"vit_7b_patch16_dinov3"}`, Architecture{Timm, dinov3, "", 0, 0, 32, 0, "", 0}},
		{`{"architecture":"vit_base_patch32_clip_224"}`, Architecture{Timm, clip, "", 0, 0, 0, 0, "gelu", 0}},
		{`{"architecture":"vit_base_patch32_clip_quickgelu_224"}`, Architecture{Timm, clip, "", 0, 0, 0, 0, "quick_gelu", 0}},
		{`{"architecture":"vit_base_patch32_clip_224","pretrained_cfg":{"tag":"openai"}}`, Architecture{Timm, clip, "", 0, 0, 0, 0, "", 0}},
		{`{"architecture":"vit_base_patch32_clip_224","pretrained_cfg":{"notes":["natively QuickGELU, use it"]}}`, Architecture{
			Timm, clip, "", 0, 0, 0, 0, "", 0,
		}},
		{`{"architecture":"vit_so400m_patch14_siglip_384"}`, Architecture{Timm, siglip, "", 0, 0, 16, 0, "", 0}},
		{`{"architecture":"vit_base_patch16_224"}`, Architecture{Timm, vit, "", 0, 0, 0, 0, "", 0}},
		{`{"architecture":"resnet50"}`, Architecture{Timm, "", "resnet50", 0, 0, 0, 0, "", 0}},
	} {
		config, want := c.config, c.want
		m, err := Open(withWeights(t, map[string]string{"config.json": config}))
		if err != nil {
			t.Errorf("%s: %v", config, err)
			continue
		}
		if m.Architecture != want {
			t.Errorf("%s: %+v, want %+v", config, m.Architecture, want)
		}
		if !m.Folder || filepath.Base(m.Weights) != "model.safetensors" || !strings.HasPrefix(m.Reads, "config.json: ") {
			t.Errorf("%s: %+v", config, m)
		}
	}
}

// TestRefused: one sentence that names the file, what was found and what is supported.
func TestRefused(t *testing.T) {
	for _, c := range [][2]string{
		{`{"model_type":"llama"}`, `config.json: model_type "llama" is not known: supported are dinov2, `},
		{`{"model_type":"siglip2"}`, `model_type siglip2 is SigLIP 2 with NaFlex`},
		{`{"model_type":"siglip2_vision_model"}`, `NaFlex`},
		{`{}`, `names neither a model_type`},
		{`{"model_type":7}`, `config.json: model_type is 7: expected a text`},
		{`[]`, `config.json is damaged: it is not a JSON object`},
		{`null`, `is damaged: it is not a JSON object`},
		{`{"model_type":"vit"} x`, `is damaged: text follows`},
		{`{"model_type":"vit"`, `is damaged: it is not a JSON object (unexpected EOF)`},
		{strings.Repeat(`{"a":`, 1000), `nested deeper than 64`},
		{strings.Repeat("[", 1<<20), `nested deeper than 64`},
		{strings.Repeat(" ", maxJSON+1), `longer than 8 MiB`},
		{`{"model_type":"vit","hidden_size":"x"}`, `config.json: hidden_size is "x": expected a number`},
		{`{"model_type":"vit","hidden_size":-1}`, `hidden_size is -1: expected a whole number`},
		{`{"model_type":"vit","hidden_size":1.5}`, `hidden_size is 1.5: expected a whole number`},
		{`{"model_type":"vit","hidden_size":1e99}`, `hidden_size is 1e99: expected a whole number`},
		{`{"model_type":"vit","hidden_size":1e999}`, `hidden_size is 1e999: expected a number`},
		{`{"model_type":"vit","num_attention_heads":[]}`, `num_attention_heads is []: expected a number`},
		{`{"model_type":"vit","num_channels":1}`, `num_channels is 1: expected 3`},
		{`{"model_type":"vit","layer_norm_eps":0}`, `layer_norm_eps is 0: expected`},
		{`{"model_type":"vit","patch_size":[16,14]}`, `patch_size is [16,14]: expected a square`},
		{`{"model_type":"vit","patch_size":[16,14,3]}`, `expected 2 numbers`},
		{`{"model_type":"dinov3_vit","rope_theta":10}`, `rope_theta is 10: expected 100`},
		{`{"model_type":"clip","vision_config":3}`, `vision_config is 3: expected an object`},
		{`{"model_type":"clip","vision_config":{"num_hidden_layers":"a"}}`, `vision_config.num_hidden_layers is "a"`},
		{
			`{"model_type":"vit","quantization_config":{"quant_method":"bitsandbytes"}}`,
			`are quantised (quantization_config, quant_method "bitsandbytes")`,
		},
		{`{"architecture":"efficientnet_b0"}`, `architecture "efficientnet_b0" of timm is not known`},
		{`{"architecture":"vit_base_patch16_rope_224"}`, `is not known`},
		{`{"architecture":"vit_base_patch16_224","pretrained_cfg":{"crop_pct":0}}`, `pretrained_cfg.crop_pct is 0`},
		{
			`{"architecture":"vit_base_patch16_224","pretrained_cfg":{"crop_mode":"border"}}`,
			`crop_mode is "border": expected center or squash`,
		},
		{`{"architecture":"vit_base_patch16_224","pretrained_cfg":{"input_size":[3,224,256]}}`, `input_size is [3,224,256]`},
		{`{"architecture":"vit_base_patch16_224","pretrained_cfg":{"interpolation":"random"}}`, `interpolation is "random"`},
		{`{"architecture":"vit_base_patch16_224","pretrained_cfg":{"std":[0,0,0]}}`, `std is [0,0,0]: expected 3 numbers`},
	} {
		config, want := c[0], c[1]
		_, err := prepared(withWeights(t, map[string]string{"config.json": config}))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: error %v, want one with %q", config, err, want)
		}
	}
}

// TestFolders: which files of a folder are read, and what is missing in others.
func TestFolders(t *testing.T) {
	const config = `{"model_type":"dinov2"}`
	for _, c := range []struct {
		files         map[string]string
		weights, want string
	}{
		{map[string]string{"config.json": config, "model.safetensors": "", "pytorch_model.bin": ""}, "model.safetensors", ""},
		{map[string]string{"config.json": config, "model.safetensors.index.json": "{}"}, "model.safetensors.index.json", ""},
		{map[string]string{"config.json": config, "pytorch_model.bin": ""}, "pytorch_model.bin", ""},
		{map[string]string{"config.json": config, "model.safetensors": "", "open_clip_config.json": "x"}, "model.safetensors", ""},
		{
			map[string]string{"config.json": "x", "open_clip_model.safetensors": "", "open_clip_config.json": openCLIPText},
			"open_clip_model.safetensors", "",
		},
		{map[string]string{"open_clip_pytorch_model.bin": "", "open_clip_config.json": openCLIPText}, "open_clip_pytorch_model.bin", ""},
		{map[string]string{"config.json": config}, "", `has a config.json but no weights: expected model.safetensors, `},
		{map[string]string{"config.json": config, "model.gguf": ""}, "", `found "config.json", "model.gguf"`},
		{map[string]string{"model.safetensors": ""}, "", `it holds "model.safetensors", but no config.json`},
		{map[string]string{}, "", `it holds nothing, but no config.json`},
		{map[string]string{"a": "", "b": "", "c": "", "d": "", "e": "", "f": ""}, "", `"e" and more, but no config.json`},
	} {
		dir := written(t, c.files)
		m, err := Open(dir)
		if c.want == "" {
			if err != nil || m.Weights != filepath.Join(dir, c.weights) {
				t.Errorf("%v: %+v, %v", c.files, m, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), dir) {
			t.Errorf("%v: error %v, want one with %q", c.files, err, c.want)
		}
	}
	if _, err := Open(written(t, nil)); !errors.Is(err, ErrNoConfig) {
		t.Errorf("no configuration: %v", err)
	}
	if m, err := Open("none/of.pth"); err != nil || !reflect.DeepEqual(m, &Model{Weights: "none/of.pth"}) {
		t.Errorf("no folder: %+v, %v", m, err)
	}
}
