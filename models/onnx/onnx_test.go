package onnx_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/models/backbone"
	"udml-gpu/models/head"
	"udml-gpu/models/layer"
	"udml-gpu/models/onnx"
	"udml-gpu/models/tape"
)

// small are transformers of every family and kind, which are too large under their names.
var small = []string{
	"vit:dim=16,depth=1,heads=2,patch=8,grid=3", "dinov2:dim=16,depth=1,heads=2,patch=14,grid=3,registers=2",
	"dinov2:dim=16,depth=1,heads=2,patch=14,grid=2,swiglu=true", "dinov3:dim=16,depth=1,heads=2,patch=16",
	"dinov3:dim=16,depth=1,heads=2,patch=16,swiglu=true", "clip:dim=16,depth=1,heads=2,patch=8,grid=3,gelu=quick,out=8",
	"siglip:dim=16,depth=1,heads=2,patch=8,grid=3",
}

// TestEveryBackbone: each network, and of those that are small each pooling, has a model whose parts fit together.
// scripts/test_export.py compares the numbers.
func TestEveryBackbone(t *testing.T) {
	names := slices.DeleteFunc(backbone.Names(), func(name string) bool {
		_, err := backbone.ParseSpec(name)
		return err == nil
	})
	names = slices.DeleteFunc(names, func(name string) bool { // the same layers in other numbers
		return slices.Contains([]string{"convnext_small", "convnext_base"}, name) ||
			strings.HasPrefix(name, "efficientnet_lite") && name != "efficientnet_lite0"
	})
	for _, name := range append(names, small...) {
		net, err := backbone.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		pools := net.Pools()
		if name != "conv4" && !strings.Contains(name, ":") {
			pools = pools[:1]
		}
		for _, pool := range pools {
			pooled, err := net.Pooled(pool)
			if err != nil {
				t.Fatal(err)
			}
			t.Run(name+" "+pool, func(t *testing.T) { wantWhole(t, pooled, 3) })
		}
	}
}

func TestGrey(t *testing.T) {
	net, err := backbone.Find("conv4")
	if err != nil {
		t.Fatal(err)
	}
	wantWhole(t, net, 1)
}

// wantWhole translates the network with an embedding layer, and checks the model and that a second one has equal bytes.
func wantWhole(t *testing.T, net backbone.Network, channels int) {
	t.Helper()
	first := written(t, net, channels)
	if net.Channels < 100 && !bytes.Equal(first, written(t, net, channels)) {
		t.Error("a second model has other bytes")
	}
	m := parse(t, first)
	known := map[string]bool{m.input: true}
	read := map[string]bool{}
	for _, name := range m.constants {
		if known[name] {
			t.Errorf("two tensors are called %s", name)
		}
		known[name] = true
	}
	for _, n := range m.nodes {
		for _, in := range n.inputs {
			if !known[in] {
				t.Errorf("%s reads %s, which nothing before it makes", n.kind, in)
			}
			read[in] = true
		}
		for _, out := range n.outputs {
			if known[out] {
				t.Errorf("two tensors are called %s", out)
			}
			known[out] = true
		}
	}
	for _, name := range append(m.constants, m.input) {
		if !read[name] {
			t.Errorf("nothing reads %s", name)
		}
	}
	if !known[onnx.OutputName] || m.output != onnx.OutputName || m.input != onnx.InputNormalised || m.about["key"] != "value" {
		t.Errorf("input %s, output %s, about %v", m.input, m.output, m.about)
	}
	if m.opset != onnx.OpSet || m.ir != 8 {
		t.Errorf("opset %d, IR %d", m.opset, m.ir)
	}
}

func written(t *testing.T, net backbone.Network, channels int) []byte {
	t.Helper()
	dev := kernels.CPU()
	store := layer.NewStore(dev, kernels.Float32, 1)
	tp := tape.New(dev, kernels.Float32, false)
	size := max(net.MinSize, 3*net.Step)
	images := tp.Input(dev.New(kernels.Float32, 1, size, size, channels))
	s := layer.NewScope(tp, store)
	_, pooled := net.Features(s, images)
	return encoded(t, onnx.Recording{Tape: tp, Images: images, Result: head.Embedding(s, pooled, 4), Arena: tape.NewArena(dev)})
}

// TestWeightsOnce: a network that sees an image in several passes, at two sizes and mirrored, has each of its weights once in the model.
func TestWeightsOnce(t *testing.T) {
	net, err := backbone.Find("conv4")
	if err != nil {
		t.Fatal(err)
	}
	dev := kernels.CPU()
	store := layer.NewStore(dev, kernels.Float32, 1)
	constants := func(views ...backbone.View) []string {
		tp := tape.New(dev, kernels.Float32, false)
		images := tp.Input(dev.New(kernels.Float32, 1, 16, 16, 3))
		pooled := net.MeanFeatures(layer.NewScope(tp, store), images, views...)
		return parse(t, encoded(t, onnx.Recording{Tape: tp, Images: images, Result: pooled, Arena: tape.NewArena(dev)})).constants
	}
	itself := backbone.View{Size: 16}
	one, all := constants(itself), constants(itself, backbone.View{Size: 16, Mirrored: true}, backbone.View{Size: 24},
		backbone.View{Size: 24, Mirrored: true})
	more := slices.DeleteFunc(all, func(name string) bool { return slices.Contains(one, name) })
	slices.Sort(more)
	// The weights of the resizing, the factor of the mean, and of each size the columns in the other order.
	if want := []string{"columns", "list_1", "list_2", "rows", "share"}; !slices.Equal(more, want) {
		t.Errorf("one pass has %v, four have %v besides, want %v", one, more, want)
	}
}

func encoded(t *testing.T, r onnx.Recording) []byte {
	t.Helper()
	m, err := onnx.Translate(r, onnx.Options{})
	if err != nil {
		t.Fatal(err)
	}
	m.About = map[string]string{"key": "value", "other": ""}
	var b bytes.Buffer
	if err := m.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestUnknownOp: a layer without a translation is an error that names it.
func TestUnknownOp(t *testing.T) {
	dev := kernels.CPU()
	tp := tape.New(dev, kernels.Float32, false)
	images := tp.Input(dev.New(kernels.Float32, 1, 4, 4, 3))
	s := layer.NewScope(tp, layer.NewStore(dev, kernels.Float32, 1))
	x := layer.Normalise(s, images, make([]float64, 3), []float64{1, 1, 1}, false)
	y := layer.GlobalAveragePool(s, layer.Upsample2(s, x))
	_, err := onnx.Translate(onnx.Recording{Tape: tp, Images: images, Result: y, Arena: tape.NewArena(dev)}, onnx.Options{})
	if err == nil || !strings.Contains(err.Error(), "upsample") {
		t.Errorf("error %v", err)
	}
}
