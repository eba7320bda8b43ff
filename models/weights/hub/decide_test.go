package hub

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"udml-gpu/models/backbone"
	"udml-gpu/models/weights/file"
)

// vitTensors are the tensors by which a transformer of 32 channels, 2 blocks and patches of 8 pixels is known, with timm's names.
func vitTensors(more ...string) []file.Tensor {
	shapes := map[string][]int{
		"patch_embed.proj.weight": {32, 3, 8, 8}, "cls_token": {1, 1, 32}, "pos_embed": {1, 17, 32},
		"blocks.0.mlp.fc2.weight": {32, 128}, "blocks.1.mlp.fc2.weight": {32, 128},
		"blocks.0.ls1.gamma": {32}, "norm_pre.weight": {32}, "head.weight": {24, 32}, "reg_token": {1, 4, 32},
	}
	var list []file.Tensor
	for _, name := range append([]string{
		"patch_embed.proj.weight", "cls_token", "pos_embed", "blocks.0.mlp.fc2.weight", "blocks.1.mlp.fc2.weight",
	}, more...) {
		list = append(list, zero(name, shapes[name]...))
	}
	return list
}

// zero is a tensor of zeros.
func zero(name string, shape ...int) file.Tensor {
	n := 1
	for _, s := range shape {
		n *= s
	}
	return file.FromFloat32(name, make([]float32, n), shape...)
}

// model is a folder with a configuration and tensors.
func model(t *testing.T, config string, tensors []file.Tensor) string {
	t.Helper()
	dir := written(t, map[string]string{"config.json": config})
	if err := file.Write(filepath.Join(dir, "model.safetensors"), &file.Weights{Tensors: tensors}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// of is a configuration of the transformer of vitTensors.
func of(modelType string, more string) string {
	return fmt.Sprintf(`{"model_type":%q,"hidden_size":32,"num_hidden_layers":2,"num_attention_heads":2,"patch_size":8%s}`, modelType, more)
}

func TestDecide(t *testing.T) {
	for _, c := range []struct {
		config  string
		tensors []file.Tensor
		name    string
		says    string
	}{
		{
			of("dinov2", ""), vitTensors("blocks.0.ls1.gamma"), "dinov2:dim=32,depth=2,heads=2,patch=8,grid=4",
			"a DINOv2 ViT/8 (config.json: model_type dinov2; dim 32, depth 2)",
		},
		{
			of("dinov2_with_registers", ""), vitTensors("blocks.0.ls1.gamma", "reg_token"),
			"dinov2:dim=32,depth=2,heads=2,patch=8,registers=4,grid=4", "a DINOv2 ViT/8 with 4 registers (config.json: ",
		},
		{
			of("clip_vision_model", ""), vitTensors("norm_pre.weight", "head.weight"),
			"clip:dim=32,depth=2,heads=2,patch=8,grid=4,out=24,gelu=quick", "a CLIP ViT/8 with QuickGELU (",
		},
		{
			of("clip_vision_model", `,"hidden_act":"gelu"`), vitTensors("norm_pre.weight", "head.weight"),
			"clip:dim=32,depth=2,heads=2,patch=8,grid=4,out=24,gelu=erf", "a CLIP ViT/8 (",
		},
		{
			of("vit", ""), vitTensors(), "vit:dim=32,depth=2,heads=2,patch=8,grid=4,eps=1e-12", "a ViT/8 (",
		},
	} {
		o, err := OpenWeights(model(t, c.config, c.tensors), backbone.Spec{})
		if err != nil {
			t.Errorf("%s: %v", c.config, err)
			continue
		}
		if err := o.Want(false); err != nil || o.Spec.Name() != c.name || !strings.HasPrefix(o.Describe(), c.says) {
			t.Errorf("%s: %s, %q, %v; want %s, %q", c.config, o.Spec.Name(), o.Describe(), err, c.name, c.says)
		}
		if named, err := o.Named(o.Outline); err != nil || len(named.Tensors) < 5 {
			t.Errorf("%s: %+v, %v", c.config, named, err)
		}
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestTimmResizesPositionsItsWay: a folder of timm has timm's way of resizing positions, a file alone the usual one or the one asked for.
func TestTimmResizesPositionsItsWay(t *testing.T) {
	tensors := vitTensors("blocks.0.ls1.gamma")
	timm := model(t, `{"architecture":"vit_small_patch14_dinov2"}`, tensors)
	asked := backbone.Spec{Heads: 2}
	for _, c := range []struct {
		path, asked, want string
	}{{timm, "", "timm"}, {filepath.Join(timm, "model.safetensors"), "", "hf"}, {filepath.Join(timm, "model.safetensors"), "hub", "hub"}} {
		asked.Interp = c.asked
		o, err := OpenWeights(c.path, asked)
		if err != nil || o.Spec.Interp != c.want {
			t.Errorf("%s %q: %+v, %v; want %s", c.path, c.asked, o, err, c.want)
			continue
		}
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestUndecided(t *testing.T) {
	dinov2Tensors, clipTensors := vitTensors("blocks.0.ls1.gamma"), vitTensors("norm_pre.weight", "head.weight")
	eight := append(vitTensors()[1:], file.Tensor{Name: "patch_embed.proj.weight", DType: "I8", Shape: []int{0}})
	flat := append(vitTensors()[1:], zero("patch_embed.proj.weight", 32, 192))
	for _, c := range []struct {
		config  string
		tensors []file.Tensor
		want    string
	}{
		{of("clip_vision_model", ""), dinov2Tensors, "model_type clip_vision_model, but its tensors are those of dinov2"},
		{`{"model_type":"dinov2","patch_size":8}`, dinov2Tensors, "says 768 channels, but its tensors have 32"},
		{of("dinov2", `,"num_hidden_layers":3`), dinov2Tensors, "says 3 blocks, but its tensors have 2"},
		{of("dinov2", `,"patch_size":14`), dinov2Tensors, "says 14 pixels in the side of a patch, but its tensors have 8"},
		{`{"model_type":"convnext"}`, dinov2Tensors, "its tensors are not those of a ConvNeXt"},
		{of("dinov2", ""), []file.Tensor{zero("a", 1)}, "model_type dinov2, but no vision transformer is in the file"},
		{`{"architecture":"vit_base_patch32_clip_224.openai","pretrained_cfg":{"tag":"openai"}}`, clipTensors, "num_attention_heads"},
		{of("vit", ""), eight, `the weights are quantised (the tensor "patch_embed.proj.weight" is I8)`},
		{of("vit", ""), flat, "NaFlex"},
	} {
		o, err := OpenWeights(model(t, c.config, c.tensors), backbone.Spec{})
		if err != nil {
			t.Errorf("%s: %v", c.config, err)
			continue
		}
		if err := o.Want(false); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.config, err, c.want)
		}
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestGELUIsAskedFor: without a configuration the user's network decides which GELU a CLIP has, and without that nothing does.
func TestGELUIsAskedFor(t *testing.T) {
	path := filepath.Join(model(t, `{}`, vitTensors("norm_pre.weight", "head.weight")), "model.safetensors")
	asked := backbone.Spec{Heads: 2}
	for gelu, want := range map[string]string{"": "which GELU it has", "quick": "", "erf": ""} {
		asked.GELU = gelu
		o, err := OpenWeights(path, asked)
		if err != nil {
			t.Fatal(err)
		}
		defer o.Close()
		err = o.Want(false)
		if want == "" && (err != nil || o.Spec.GELU != gelu) || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %s, %v", gelu, o.Spec.GELU, err)
		}
		if err := o.Want(true); err != nil {
			t.Errorf("another network is named: %v", err)
		}
	}
}

// TestTextTowerIsOneGroup: the tensors of a text tower are counted and left out, those of the image tower are not.
func TestTextTowerIsOneGroup(t *testing.T) {
	for _, names := range [][]string{
		{"vision_model.a", "text_model.b", "text_projection.weight", "visual_projection.weight", "logit_scale"},
		{"m.visual.a", "m.transformer.resblocks.0.b", "m.positional_embedding", "m.visual.positional_embedding", "m.ln_final.weight"},
	} {
		var tensors []file.Tensor
		for _, name := range names {
			tensors = append(tensors, zero(name, 2))
		}
		path := filepath.Join(model(t, `{}`, tensors), "model.safetensors")
		o, err := OpenWeights(path, backbone.Spec{})
		if err != nil {
			t.Fatal(err)
		}
		defer o.Close()
		if len(o.Outline.Tensors) != 2 || o.Text != (Group{3, 24}) {
			t.Errorf("%v: %+v, %+v", names, o.Outline.Tensors, o.Text)
		}
	}
}

// TestUsual: the table of docs/backbones.md.
func TestUsual(t *testing.T) {
	for name, want := range map[string]Input{
		"dinov2_vits14":           {224, 256, "shorter", "bicubic", 1, imageNetMean, imageNetStd, ""},
		"dinov3_vits16":           {224, 224, "squash", "bilinear", 1, imageNetMean, imageNetStd, ""},
		"clip_vitb32":             {224, 224, "shorter", "bicubic", 1, openAIMean, openAIStd, ""},
		"clip_vitl14:grid=24":     {336, 336, "shorter", "bicubic", 1, openAIMean, openAIStd, ""},
		"siglip_vitb16":           {224, 224, "squash", "bicubic", 1, halfMean, halfStd, ""},
		"vit_base_patch16":        {224, 224, "squash", "bicubic", 1, imageNetMean, imageNetStd, ""},
		"dinov2_vits14:patch=100": {},
	} {
		s, err := backbone.ParseSpec(name)
		if (err != nil) != (want.Size == 0) {
			t.Fatal(err)
		}
		if err != nil {
			continue
		}
		got := *UsualOf(s)
		got.From = ""
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}

// TestMissingShardIsNamed: in a folder too.
func TestMissingShardIsNamed(t *testing.T) {
	dir := written(t, map[string]string{
		"config.json": of("vit", ""), "model.safetensors.index.json": `{"weight_map":{"a":"model-00001-of-00002.safetensors"}}`,
	})
	_, err := OpenWeights(dir, backbone.Spec{})
	if err == nil || !strings.Contains(err.Error(), `"model-00001-of-00002.safetensors", which is not beside it`) {
		t.Errorf("error %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "model.safetensors"), []byte("GGUF\x03\x00\x00\x00\x00\x00"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenWeights(dir, backbone.Spec{}); err == nil || !strings.Contains(err.Error(), "a GGUF file") {
		t.Errorf("error %v", err)
	}
}
