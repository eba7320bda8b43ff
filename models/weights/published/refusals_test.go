package published

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"udml-gpu/models/backbone"
	"udml-gpu/models/weights/file"
)

// outline is tensors without elements: "NAME 1 2 3" is one of shape [1,2,3].
func outline(tensors ...string) *file.Weights {
	f := &file.Weights{}
	for _, text := range tensors {
		words := strings.Fields(text)
		x := file.Tensor{Name: words[0], DType: "F32"}
		for _, w := range words[1:] {
			n := 0
			for _, digit := range w {
				n = 10*n + int(digit-'0')
			}
			x.Shape = append(x.Shape, n)
		}
		f.Tensors = append(f.Tensors, x)
	}
	return f
}

// sized are the tensors that decide the numbers of a transformer.
func sized(more ...string) *file.Weights {
	return outline(append([]string{
		"patch_embed.proj.weight 768 3 32 32", "blocks.11.mlp.fc2.weight 768 3072", "blocks.0.mlp.fc2.weight 768 3072",
	}, more...)...)
}

// TestSpecs: networks of the published sizes are known by name.
func TestSpecs(t *testing.T) {
	quick := Config{Activation: "quick_gelu"}
	for _, c := range []struct {
		want   string
		file   *file.Weights
		config Config
	}{
		{"clip_vitb32_quickgelu", sized("norm_pre.weight 768", "cls_token 1 1 768", "pos_embed 1 50 768", "head.weight 512 768"), quick},
		{"clip_vitb32_quickgelu:out=0", sized("norm_pre.weight 768", "cls_token 1 1 768", "pos_embed 1 50 768"), quick},
		{"clip_vitb32", sized("norm_pre.weight 768", "cls_token 768", "pos_embed 50 768", "proj 768 512"), Config{Activation: "gelu"}},
		{"vit:dim=768,depth=12,heads=12,patch=32,grid=7", sized("cls_token 1 1 768", "pos_embed 1 50 768"), Config{}},
		{"vit:dim=768,depth=12,heads=12,patch=32,grid=7,eps=1e-12", sized("cls_token 1 1 768", "pos_embed 1 50 768"), Config{Eps: 1e-12}},
		{"dinov2:dim=768,depth=12,heads=12,patch=32", sized(
			"cls_token 1 1 768", "blocks.0.ls1.gamma 768", "pos_embed 1 1370 768",
		), Config{}},
		{"dinov3:dim=768,depth=12,heads=12,patch=32", sized(
			"cls_token 1 1 768", "blocks.0.gamma_1 768", "storage_tokens 1 4 768",
		), Config{}},
		{
			"vit:dim=1280,depth=32,heads=16,patch=14,grid=16",
			outline("patch_embed.proj.weight 1280 3 14 14", "blocks.0.mlp.fc2.weight 1280 5120", "blocks.31.norm1.weight 1280",
				"cls_token 1 1 1280", "pos_embed 1 257 1280"),
			Config{},
		},
		{
			"siglip:dim=1152,depth=27,heads=16,patch=14,mlp=4304,grid=16",
			outline("patch_embed.proj.weight 1152 3 14 14", "blocks.0.mlp.fc2.weight 1152 4304", "blocks.26.norm1.weight 1152",
				"pos_embed 1 256 1152", "attn_pool.latent 1 1 1152"),
			Config{},
		},
	} {
		s, err := SpecOf(c.file, c.config)
		if err != nil || s.Name() != c.want {
			t.Errorf("%s, %v; want %s", s.Name(), err, c.want)
		}
	}
}

// TestSpecRefusals: what cannot be decided is an error that says how to decide, or what is not read.
func TestSpecRefusals(t *testing.T) {
	learned := []string{"cls_token 1 1 768", "pos_embed 1 50 768"}
	clip := append([]string{"norm_pre.weight 768", "head.weight 512 768"}, learned...)
	for want, f := range map[string]*file.Weights{
		"no vision transformer": outline("conv1.weight 64 3 7 7"),
		"config.json says so (hidden_act), or name the network: --backbone clip_vitb32_quickgelu for OpenAI's": sized(clip...),
		"NaFlex":               outline("patch_embed.proj.weight 768 768"),
		"want [width channels": outline(append(learned, "patch_embed.proj.weight 768 3 16 8")...),
		"neither a class token nor SigLIP's head": sized("pos_embed 1 49 768"),
		"neither learned positions":               sized("cls_token 1 1 768"),
		"51 positions":                            sized("cls_token 1 1 768", "pos_embed 1 51 768"),
		"no MLP of the first block":               outline(append(learned, "patch_embed.proj.weight 768 3 16 16")...),
		"depth is 60001, want 1 to 128":           sized(append(learned, "blocks.60000.norm1.weight 1")...),
		"config.json says so (num_attention_heads)": outline(
			"patch_embed.proj.weight 100 3 16 16", "blocks.0.mlp.fc2.weight 100 400", "cls_token 100", "pos_embed 5 100",
		),
		"dim is 0": outline("patch_embed.proj.weight 0 3 16 16", "blocks.0.mlp.fc2.weight 100 400", "cls_token 100", "pos_embed 5 100"),
		"the file holds two networks, vit:dim=768":    twoNetworks(),
		"networks for patches of any grid, as SigLIP": outline("embeddings.patch_embedding.weight 768 768"),
	} {
		if s, err := SpecOf(f, Config{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %s, %v", want, s.Name(), err)
		}
	}
	if _, err := SpecOf(outline("conv1.weight 64 3 7 7"), Config{}); !errors.Is(err, ErrNone) {
		t.Error(err)
	}
	if _, err := SpecOf(sized(learned...), Config{Activation: "silu"}); err == nil || !strings.Contains(err.Error(), `hidden_act "silu"`) {
		t.Error(err)
	}
}

func twoNetworks() *file.Weights {
	f := sized("cls_token 1 1 768", "pos_embed 1 50 768")
	for _, x := range sized("cls_token 1 1 768", "pos_embed 1 197 768").Tensors {
		x.Name = "student." + x.Name
		f.Tensors = append(f.Tensors, x)
	}
	return f
}

// TestTextTowersAreLeftOut: of a whole CLIP only the image tower is converted.
func TestTextTowersAreLeftOut(t *testing.T) {
	for _, name := range []string{"clip/disk/", "clip/openclip/", "siglip/disk/", "siglip/openclip/"} {
		w := tiny(t).Behind(name)
		spec, err := SpecOf(w, config(strings.Split(name, "/")[0]))
		if err != nil {
			t.Fatal(err)
		}
		f, err := Converted(spec, w)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range f.Tensors {
			if strings.Contains(x.Name, "text") || strings.Contains(x.Name, "logit") || strings.Contains(x.Name, "ln_final") {
				t.Errorf("%s: %s is there", name, x.Name)
			}
		}
	}
}

// TestConversionRefusals: tensors that cannot become the network's are named.
func TestConversionRefusals(t *testing.T) {
	ones := func(name string, shape ...int) file.Tensor {
		v := make([]float32, product(shape))
		for i := range v {
			v[i] = 1
		}
		return file.FromFloat32(name, v, shape...)
	}
	anchor := ones("patch_embed.proj.weight", 8, 3, 4, 4)
	dinoV3, clip := "dinov3:dim=8,depth=1,heads=2,patch=4", "clip:dim=8,depth=1,heads=2,patch=4,gelu=erf,out=5"
	half := ones("blocks.0.attention.key.weight", 8, 8)
	half.DType, half.Name = "F16", "blocks.0.attention.k_proj.weight"
	for want, c := range map[string]struct {
		spec    string
		tensors []file.Tensor
	}{
		"2 of the three of query": {"vit:dim=8,depth=1,heads=2", []file.Tensor{
			ones("blocks.0.attention.q_proj.weight", 8, 8), ones("blocks.0.attention.v_proj.weight", 8, 8),
		}},
		"they cannot be joined": {"vit:dim=8,depth=1,heads=2", []file.Tensor{
			ones("blocks.0.attention.q_proj.weight", 8, 8), half, ones("blocks.0.attention.v_proj.weight", 8, 8),
		}},
		"DINOv3 has no bias of the keys":   {dinoV3, []file.Tensor{ones("blocks.0.attention.k_proj.bias", 8)}},
		"DINOv3 has no bias of the keys, ": {dinoV3, []file.Tensor{ones("blocks.0.attn.qkv.bias", 24)}},
		"[20], want 24 rows": {dinoV3, []file.Tensor{
			ones("blocks.0.attn.qkv.bias", 20), ones("blocks.0.attn.qkv.bias_mask", 20),
		}},
		"the head is a classifier":          {clip, []file.Tensor{ones("head.weight", 5, 8), ones("head.bias", 5)}},
		"--backbone clip:dim=8":             {clip, []file.Tensor{ones("head.weight", 5, 8), ones("head.bias", 5)}},
		"proj is F32[2 2 2], want a matrix": {clip, []file.Tensor{ones("proj", 2, 2, 2)}},
		"in_proj_weight is F32[20 8], want": {"siglip:dim=8,depth=1,heads=2,patch=4", []file.Tensor{
			ones("head.attention.in_proj_weight", 20, 8),
		}},
		"mlp.w12.weight is F32[60 8], want 64": {"dinov2:dim=8,depth=1,heads=2,swiglu=true", []file.Tensor{
			ones("blocks.0.mlp.w12.weight", 60, 8),
		}},
	} {
		spec, err := backbone.ParseSpec(c.spec)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Converted(spec, &file.Weights{Tensors: append([]file.Tensor{anchor}, c.tensors...)})
		if err == nil || !strings.Contains(err.Error(), strings.TrimSuffix(want, ", ")) {
			t.Errorf("%s: %v", want, err)
		}
	}
	spec := backbone.Usual("vit")
	if _, err := Converted(spec, &file.Weights{}); !errors.Is(err, ErrNone) {
		t.Error(err)
	}
}

// FuzzConvert: no names and shapes, with or without elements, make SpecOf or Converted fail in another way than by an error.
func FuzzConvert(f *testing.F) {
	f.Add("patch_embed.proj.weight 8 3 4 4\ncls_token 8\npos_embed 5 8\nblocks.0.mlp.fc2.weight 8 16\n"+
		"blocks.0.attn.qkv.weight 24 8", 2, true)
	f.Add("visual.conv1.weight 8 3 4 4\nvisual.class_embedding 8\nvisual.positional_embedding 5 8\nvisual.proj 8 5\n"+
		"visual.ln_pre.weight 8\nvisual.transformer.resblocks.0.mlp.c_proj.weight 8 16", 2, false)
	f.Add("embeddings.patch_embeddings.weight 8 3 4 4\nembeddings.cls_token 1 1 8\nlayer.0.attention.k_proj.bias 8\n"+
		"layer.0.layer_scale1.lambda1 8\nlayer.0.mlp.up_proj.weight 16 8\nlayer.0.mlp.gate_proj.weight 16 8\n"+
		"layer.0.mlp.down_proj.weight 8 16", 1, true)
	f.Fuzz(func(t *testing.T, text string, heads int, elements bool) {
		w := &file.Weights{}
		for line := range strings.SplitSeq(text, "\n") {
			if len(strings.Fields(line)) == 0 {
				continue
			}
			x := outline(line).Tensors[0]
			for i := range x.Shape {
				x.Shape[i] &= 63
			}
			if len(x.Shape) > 4 {
				continue
			}
			if elements && product(x.Shape) < 1<<16 {
				x = file.FromFloat32(x.Name, make([]float32, product(x.Shape)), x.Shape...)
			}
			w.Tensors = append(w.Tensors, x)
		}
		shapes := make([][]int, len(w.Tensors))
		for i, x := range w.Tensors {
			shapes[i] = slices.Clone(x.Shape)
		}
		spec, err := SpecOf(w, Config{Heads: heads, Activation: "gelu"})
		if err != nil {
			return
		}
		_, _ = Converted(spec, w)
		for i, x := range w.Tensors {
			if !slices.Equal(x.Shape, shapes[i]) {
				t.Errorf("%s was changed to %v", x.Name, x.Shape)
			}
		}
	})
}
