package network

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
	"udml-gpu/kernels/gemm"
	"udml-gpu/kernels/optest"
)

// alikeCases are the networks, at sizes that leave maps of one to many lines in their last layers.
var alikeCases = []struct {
	backbone string
	channels int
	size     int
	stored   bool // maps of bfloat16 too: of each kind of layer once
}{
	{"squeezenet", 3, 32, false},
	{"squeezenet", 3, 48, false},
	{"squeezenet", 3, 80, false},
	{"conv4", 1, 32, false},
	{"conv4", 3, 48, true},
	{"resnet18", 3, 48, false},
	{"googlenet", 3, 64, true},
	{"bninception", 3, 64, false},
	{"dinov2:dim=64,depth=2,heads=1,registers=4", 3, 70, false},
	{"dinov3:dim=64,depth=2,heads=1,swiglu=true", 3, 48, false},
	{"clip:dim=64,depth=1,heads=1,gelu=quick,out=64", 3, 64, true},
	{"siglip:dim=64,depth=1,heads=1", 3, 48, true},
	{"efficientnet_lite0", 3, 48, true},
	{"convnext_tiny", 3, 48, true},
}

// scratchNetwork is a network with random parameters.
func scratchNetwork(tb testing.TB, backbone string, channels, size int) *Network {
	tb.Helper()
	return scratchNetworkOn(tb, kernels.CPU(), backbone, channels, size)
}

func scratchNetworkOn(tb testing.TB, dev *kernels.Device, backbone string, channels, size int) *Network {
	tb.Helper()
	cfg := setting.Defaults()
	cfg.Backbone, cfg.Size, cfg.Channels, cfg.Pretrained = backbone, size, channels, "false"
	if err := cfg.Resolve(); err != nil {
		tb.Fatal(err)
	}
	n, err := New(cfg, dev)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(n.Free)
	return n
}

// The same image has the same bytes wherever it stands, in batches of any size, beside any others.
func TestAnImageIsEmbeddedAlikeAnywhere(t *testing.T) {
	for _, c := range alikeCases {
		t.Run(fmt.Sprint(c.backbone, "/", c.size), func(t *testing.T) {
			embeddedAlike(t, scratchNetwork(t, c.backbone, c.channels, c.size))
			if c.stored {
				embeddedAlike(t, scratchNetworkOn(t, kernels.CPUAt(kernels.BF16), c.backbone, c.channels, c.size))
			}
		})
	}
}

func embeddedAlike(t *testing.T, n *Network) {
	t.Helper()
	var first Features
	for _, total := range []int{7, EmbedBatch + 1} {
		f, err := n.EmbedImages(context.Background(), total, func(dst *kernels.Array, at int) {
			for i := range dst.Dim(0) {
				seed := uint64(1)
				if (at+i)%3 == 1 {
					seed = 2
				}
				picture(dst.Rows(i, i+1), seed)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if first.Pooled == nil {
			first = f
		}
		if p := kernels.Data[float32](f.Pooled); slices.Equal(p[:n.Width()], p[n.Width():2*n.Width()]) {
			t.Fatal("two pictures have the same features")
		}
		for i := range total {
			picture := i % 3 % 2 // the first image that shows what image i shows
			wantSameRow(t, "pooled", first.Pooled, f.Pooled, picture, i)
			wantSameRow(t, "embedding", first.Embedding, f.Embedding, picture, i)
		}
	}
}

// wantSameRow holds row j of got against row i of want, byte for byte.
func wantSameRow(t *testing.T, what string, want, got *kernels.Array, i, j int) {
	t.Helper()
	if !slices.Equal(kernels.Data[float32](want.Rows(i, i+1)), kernels.Data[float32](got.Rows(j, j+1))) {
		t.Fatalf("%s of image %d of %d differs from that of the same image, with %s", what, j, got.Dim(0), gemm.Backend())
	}
}

// BenchmarkEmbed is the forward pass of a batch in evaluation mode.
func BenchmarkEmbed(b *testing.B) {
	for _, c := range []struct {
		backbone string
		size     int
	}{
		{"squeezenet", 80},
		{"squeezenet", 48},
		{"conv4", 32},
		{"resnet18", 32},
		{"resnet18", 48},
		{"resnet18", 80},
		{"resnet18", 224},
		{"resnet50", 64},
	} {
		b.Run(fmt.Sprint(c.backbone, "/", c.size), func(b *testing.B) {
			n := scratchNetwork(b, c.backbone, 3, c.size)
			e := n.ForwardFor(EmbedBatch)
			picture(e.Images, 1)
			e.Program.Forward()
			for b.Loop() {
				e.Program.Forward()
			}
		})
	}
}

// picture fills a with numbers from 0 to 1.
func picture(a *kernels.Array, seed uint64) {
	u := optest.Uniform(a.Device(), kernels.Float32, seed, 0, 1, a.Shape()...)
	defer u.Free()
	a.CopyFrom(u)
}
