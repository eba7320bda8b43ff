package network

import (
	"context"
	"slices"
	"strings"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
	"udml-gpu/models/head"
)

// TestWithinHead: the layer is a function of the images and the seed, at the scale of the usual start, and another one than whitened PCA
// and than that of other views.
func TestWithinHead(t *testing.T) {
	for _, dev := range parity.Devices(t) {
		t.Run(dev.Name(), func(t *testing.T) {
			fit := func(change func(n *Network)) []float32 {
				n, c := demoNetwork(t, dev)
				change(n)
				var f Features
				defer f.Free()
				if err := n.InitHead(context.Background(), c, &f); err != nil {
					t.Fatal(err)
				}
				renewedEqualsFresh(t, "fitted within", n, c, &f)
				return slices.Concat(kernels.Read[float32](n.Store.Get(head.EmbeddingName+".weight").Value),
					kernels.Read[float32](n.Store.Get(head.EmbeddingName+".bias").Value))
			}
			within := func(n *Network) { n.Config.HeadInit = "within" }
			first := fit(within)
			if !slices.Equal(first, fit(within)) {
				t.Error("the same images give another layer")
			}
			for name, change := range map[string]func(n *Network){
				"whiten":     func(n *Network) { n.Config.HeadInit = "whiten" },
				"turned":     func(n *Network) { within(n); n.Config.Rotate = 90 },
				"other seed": func(n *Network) { within(n); n.Config.Seed++ }, // of other random features, too
			} {
				if slices.Equal(first, fit(change)) {
					t.Errorf("%s: the same layer", name)
				}
			}
		})
	}
}

// TestWithinHeadErrors: views that do not change are refused with what to do, and an ended context is passed on; nothing is left behind.
func TestWithinHeadErrors(t *testing.T) {
	n, c := demoNetwork(t, kernels.CPU())
	n.Config.HeadInit = "within"
	ctx, stop := context.WithCancel(context.Background())
	var f Features
	defer f.Free()
	if err := n.Renew(ctx, c, &f); err != nil {
		t.Fatal(err)
	}
	same := n.Config
	same.Crop, same.Flip, same.Rotate, same.Scale, same.Shift = "centre", 0, 0, "1,1", 0
	old := n.Config
	n.Config = same
	err := n.InitHead(ctx, c, &f)
	const want = "--head-init within: the two views of every image have the same features"
	if err == nil || !strings.HasPrefix(err.Error(), want) || !strings.Contains(err.Error(), "--rotate") {
		t.Errorf("error %v, want %q", err, want)
	}
	n.Config = old
	live := n.Device.LiveBytes()
	stop()
	if err := n.InitHead(ctx, c, &f); err != context.Canceled {
		t.Errorf("error %v", err)
	}
	if now := n.Device.LiveBytes(); now != live {
		t.Errorf("%d bytes live, before %d", now, live)
	}
}
