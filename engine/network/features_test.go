package network

import (
	"context"
	"slices"
	"testing"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/cache"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// demoNetwork is a small network on dev, and some of the built-in drawings: two batches, of which the second is smaller.
func demoNetwork(t *testing.T, dev *kernels.Device) (*Network, *cache.Cache) {
	t.Helper()
	c := setting.Defaults()
	c.Backbone, c.Size, c.Channels, c.Pretrained, c.Invert, c.Dim = "conv4", 16, 1, "false", true, 24
	if err := c.Resolve(); err != nil {
		t.Fatal(err)
	}
	n, err := New(c, dev)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Free)
	src, err := data.Open("demo:4", data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { src.Close() })
	images, err := cache.Build(context.Background(), src.Split("train"), cache.Options{Size: c.Resize, Channels: 1, RAM: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { images.Close() })
	return n, images
}

// renewedEqualsFresh holds what Renew makes of f against a whole pass, byte for byte.
func renewedEqualsFresh(t *testing.T, what string, n *Network, c *cache.Cache, f *Features) {
	t.Helper()
	pooled := f.Pooled
	if err := n.Renew(context.Background(), c, f); err != nil {
		t.Fatal(err)
	}
	if pooled != nil && f.Pooled != pooled {
		t.Errorf("%s: the images went through the backbone again", what)
	}
	fresh, err := n.Embed(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer fresh.Free()
	if f.Embedding.Dim(1) != n.Dim() || f.of != fresh.of {
		t.Fatalf("%s: embedding %v of %v, want %d columns of %v", what, f.Embedding.Shape(), f.of, n.Dim(), fresh.of)
	}
	if !slices.Equal(kernels.Read[float32](f.Pooled), kernels.Read[float32](fresh.Pooled)) {
		t.Errorf("%s: the pooled features differ from those of a whole pass", what)
	}
	if !slices.Equal(kernels.Read[float32](f.Embedding), kernels.Read[float32](fresh.Embedding)) {
		t.Errorf("%s: the embedding differs from that of a whole pass", what)
	}
}

// TestRenewedFeatures: features are brought to the network as it is, with the bytes that a whole pass gives.
func TestRenewedFeatures(t *testing.T) {
	for _, dev := range parity.Devices(t) {
		t.Run(dev.Name(), func(t *testing.T) { renewedFeatures(t, dev) })
	}
}

func renewedFeatures(t *testing.T, dev *kernels.Device) {
	n, c := demoNetwork(t, dev)
	ctx := context.Background()
	var f Features
	defer f.Free()
	if c.Len() <= EmbedBatch || c.Len()%EmbedBatch == 0 {
		t.Fatalf("%d images are not a batch and a smaller one", c.Len())
	}
	renewedEqualsFresh(t, "at first", n, c, &f)
	before := kernels.Read[float32](f.Embedding)
	if err := n.InitHead(ctx, c, &f); err != nil {
		t.Fatal(err)
	}
	renewedEqualsFresh(t, "with an embedding layer that is fitted", n, c, &f)
	if slices.Equal(before, kernels.Read[float32](f.Embedding)) {
		t.Error("the embedding is that of before")
	}
	if err := n.FitWhitening(ctx, c, &f); err != nil {
		t.Fatal(err)
	}
	renewedEqualsFresh(t, "whitened", n, c, &f)
	n.DropWhitening()
	renewedEqualsFresh(t, "without the whitening again", n, c, &f)
	other, end := startOf(t, n), n.Values()
	n.Mix(other, end, 0)
	n.Mix(other, end, 1)
	renewedEqualsFresh(t, "with the backbone again and another embedding layer", n, c, &f)
	n.Mix(other, end, 0.5)
	pooled := f.Pooled
	if err := n.Renew(ctx, c, &f); err != nil || f.Pooled == pooled {
		t.Errorf("with a mixture of backbones: the features of before, error %v", err)
	}
	pooled = f.Pooled
	n.Changed()
	if err := n.Renew(ctx, c, &f); err != nil || f.Pooled == pooled {
		t.Errorf("after a change of all parameters: the features of before, error %v", err)
	}
	f.Pooled.Zero() // shows whether anything is computed
	if err := n.Renew(ctx, c, &f); err != nil || kernels.Read[float32](f.Pooled)[0] != 0 {
		t.Errorf("features of the network as it is are computed again, error %v", err)
	}
}

// startOf are the values of a network like n from another seed.
func startOf(t *testing.T, n *Network) Values {
	t.Helper()
	c := n.Config
	c.Seed++
	other, err := New(c, n.Device)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Free()
	return other.Values()
}

// TestRenewEndsWithTheContext: what was there is given back.
func TestRenewEndsWithTheContext(t *testing.T) {
	n, c := demoNetwork(t, kernels.CPU())
	ctx, stop := context.WithCancel(context.Background())
	var f Features
	if err := n.InitHead(ctx, c, &f); err != nil {
		t.Fatal(err)
	}
	before := n.Device.LiveBytes()
	held := int64(f.Pooled.Bytes() + f.Embedding.Bytes())
	stop()
	if err := n.Renew(ctx, c, &f); err != context.Canceled || f != (Features{}) {
		t.Fatalf("error %v, features %+v", err, f)
	}
	if got := n.Device.LiveBytes(); got != before-held {
		t.Errorf("%d bytes live, want %d", got, before-held)
	}
}
