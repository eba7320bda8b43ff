package backbone

import (
	"slices"
	"strings"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// TestPublishedSizes: the parameters of the published networks are as many as transformers counts, without the tokens of masked patches.
func TestPublishedSizes(t *testing.T) {
	for name, want := range map[string]int{
		"dinov2_vits14":         22_056_576 - 384,
		"dinov2_vits14_reg4":    22_058_112 - 384,
		"dinov2_vitb14":         86_580_480 - 768,
		"dinov2_vitl14":         304_368_640 - 1024,
		"dinov3_vits16":         21_596_544 - 384,
		"dinov3_vits16plus":     28_692_864 - 384,
		"dinov3_vitb16":         85_660_416 - 768,
		"dinov3_vitl16":         303_129_600 - 1024,
		"clip_vitb32":           87_849_216,
		"clip_vitb32_quickgelu": 87_849_216,
		"siglip_vitb16":         92_884_224,
		"vit_small_patch16":     21_665_664,
	} {
		net, err := Find(name)
		if err != nil {
			t.Fatal(err)
		}
		params, _ := shapes(net, net.Size)
		n := 0
		for _, p := range params {
			n += p.Value.Len()
		}
		if n != want {
			t.Errorf("%s has %d parameters, want %d", name, n, want)
		}
	}
}

// TestTransformers: each published network fits its sizes, pools as published, and leaves a map from MinSize on.
func TestTransformers(t *testing.T) {
	for _, p := range transformers {
		net, err := Find(p.name)
		if err != nil {
			t.Fatal(err)
		}
		pools := map[string]string{"clip": "head cls cls+mean", "siglip": "head"}[p.spec.Family]
		if pools == "" {
			pools = "cls cls+mean"
		}
		if got := strings.Join(net.Own, " "); got != pools || net.Pooling() != net.Pools()[0] {
			t.Errorf("%s pools by %s, first by %s; want %s", p.name, got, net.Pooling(), pools)
		}
		if net.Size%net.Step != 0 || net.Size != 224 || net.Step != p.spec.Patch || net.Licence == "" || !net.HasWeights() {
			t.Errorf("%s: size %d in steps of %d, licence %q", p.name, net.Size, net.Step, net.Licence)
		}
		for _, size := range []int{net.MinSize, net.MinSize * 3} {
			if _, m := shapes(net, size); !slices.Equal(m.Shape(), []int{1, size / net.Step, size / net.Step, net.Channels}) {
				t.Errorf("%s at %d pixels: map %v", p.name, size, m)
			}
		}
	}
}

// TestTransformerFeatures: every pooling has the width that the network says, in training and in evaluation.
func TestTransformerFeatures(t *testing.T) {
	for _, text := range []string{
		"vit:" + tinyNumbers, "dinov3:registers=0," + tinyNumbers, "clip:gelu=erf,out=5," + tinyNumbers,
		"clip:gelu=erf," + tinyNumbers, "siglip:" + tinyNumbers,
	} {
		all, err := Find(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, pool := range all.Pools() {
			net, err := all.Pooled(pool)
			if err != nil {
				t.Fatal(err)
			}
			dev := kernels.CPU()
			tp := tape.New(dev, kernels.Float32, true)
			store, x := layer.NewStore(dev, kernels.Float32, 1), dev.New(kernels.Float32, 2, 8, 8, 3)
			_, pooled := net.Features(layer.NewScope(tp, store), tp.Input(x))
			if !slices.Equal(pooled.Shape(), []int{2, net.Width()}) {
				t.Errorf("%s by %s: %v, want %d columns", text, pool, pooled, net.Width())
			}
		}
	}
}

const tinyNumbers = "dim=8,depth=1,heads=2,patch=4,mlp=16"
