package published

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/golden"
	"udml-gpu/models/backbone"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
	"udml-gpu/models/weights"
	"udml-gpu/models/weights/file"
)

// tiny is what scripts/test_transformers.py writes: FAMILY/SCHEME/NAME are the tensors of a file.
func tiny(t *testing.T) *file.Weights {
	t.Helper()
	f, err := file.Read(filepath.Join("..", "..", "..", "testdata", "weights", "transformers.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// side is that of the tiny transformers' images.
const side = 12

const numbers = "dim=8,depth=2,heads=2,patch=4"

// families are the tiny transformers: the specs that their files are to give, and in which schemes they are.
var families = []struct {
	name, spec, schemes string
}{
	{"vit", "vit:" + numbers + ",mlp=16,grid=3", "disk memory timm dino"},
	{"dinov2", "dinov2:" + numbers + ",mlp=16,grid=3", "disk memory timm meta training"},
	{"dinov2_reg4", "dinov2:" + numbers + ",registers=4,mlp=16,grid=3", "disk timm meta"},
	{"dinov2_gated", "dinov2:" + numbers + ",mlp=16,grid=3,swiglu=true", "disk memory timm meta"},
	{"dinov3", "dinov3:" + numbers + ",mlp=16", "disk memory timm meta"},
	{"dinov3_gated", "dinov3:" + numbers + ",mlp=16,swiglu=true", "disk memory timm meta"},
	{"dinov3_unbiased", "dinov3:" + numbers + ",mlp=16", "disk timm"},
	{"clip", "clip:" + numbers + ",mlp=16,grid=3,out=5,gelu=quick", "disk vision timm openclip module"},
	{"siglip", "siglip:" + numbers + ",mlp=16,grid=3", "disk vision timm openclip"},
}

// config is what config.json says of the family.
func config(family string) Config {
	c := Config{Heads: 2}
	if family == "clip" {
		c.Activation = "quick_gelu"
	}
	return c
}

// TestPublishedFiles: a tiny transformer has the same features from a file of any scheme, those that transformers and timm have.
func TestPublishedFiles(t *testing.T) {
	f := tiny(t)
	for _, family := range families {
		want, ok := f.Get(family.name + "/features")
		if !ok {
			t.Fatalf("no features of %s", family.name)
		}
		for scheme := range strings.FieldsSeq(family.schemes) {
			t.Run(family.name+"/"+scheme, func(t *testing.T) {
				w := f.Behind(family.name + "/" + scheme + "/")
				spec, err := SpecOf(w, config(family.name))
				if err != nil || spec.Name() != family.spec {
					t.Fatalf("%s, %v; want %s", spec.Name(), err, family.spec)
				}
				converted, err := Converted(spec, w)
				if err != nil {
					t.Fatal(err)
				}
				got := features(t, spec, converted)
				// transformers computes rotations in float32, and both sums have some thousand roundings
				if off, at := golden.Off(got, floats(t, want)); !(off <= 2e-5) {
					t.Errorf("feature %d is %g, want %g: off by %.2g of the largest", at, got[at], floats(t, want)[at], off)
				}
				sameOutline(t, spec, w, converted)
			})
		}
	}
}

func floats(t *testing.T, x *file.Tensor) []float32 {
	t.Helper()
	v, err := x.Float32s()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// features are what the network of spec makes of the golden images with weights of w.
func features(t *testing.T, spec backbone.Spec, w *file.Weights) []float32 {
	t.Helper()
	net, err := spec.Network()
	if err != nil {
		t.Fatal(err)
	}
	net.Mean, net.Std = nil, nil // the golden images are normal already
	dev := kernels.CPU()
	var pixels []float64
	for _, v := range golden.Parameter(fmt.Sprintf("images%d.cls_token", side), 2, 3, side, side) {
		pixels = append(pixels, float64(v))
	}
	pixels, shape := golden.ChannelsLast(pixels, []int{2, 3, side, side})
	narrow := make([]float32, len(pixels))
	for i, v := range pixels {
		narrow[i] = float32(v)
	}
	store, tp := layer.NewStore(dev, kernels.Float32, 1), tape.New(dev, kernels.Float32, false)
	_, pooled := net.Features(layer.NewScope(tp, store), tp.Input(kernels.Of(dev, narrow, shape...)))
	program := tp.Compile(tape.NewArena(dev), nil, pooled)
	if err := weights.Load(store.Params(), w, weights.LoadOptions{Published: true, AllowExtra: true}); err != nil {
		t.Fatal(err)
	}
	program.Forward()
	return kernels.Read[float32](pooled.Value())
}

// sameOutline: tensors without elements are converted to the same names, types and shapes.
func sameOutline(t *testing.T, spec backbone.Spec, w, converted *file.Weights) {
	t.Helper()
	bare := &file.Weights{}
	for _, x := range w.Tensors {
		x.Data = nil
		bare.Tensors = append(bare.Tensors, x)
	}
	got, err := Converted(spec, bare)
	if err != nil || len(got.Tensors) != len(converted.Tensors) {
		t.Fatalf("an outline becomes %v, %v", got, err)
	}
	for i, x := range got.Tensors {
		if y := converted.Tensors[i]; x.Name != y.Name || x.DType != y.DType || !slices.Equal(x.Shape, y.Shape) || x.Data != nil {
			t.Errorf("in an outline %s is %s %s%v", y.Name, x.Name, x.DType, x.Shape)
		}
	}
}
