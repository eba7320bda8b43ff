package network

import (
	"context"
	"math"
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

// TestWithinHeadOfSameViews: images without any detail look the same in every view. They are whitened plainly, and a remark says so.
func TestWithinHeadOfSameViews(t *testing.T) {
	n, c := demoNetwork(t, kernels.CPU())
	var remarks []string
	n.Note = func(text string) { remarks = append(remarks, text) }
	ctx := context.Background()
	var f Features
	defer f.Free()
	if err := n.Renew(ctx, c, &f); err != nil {
		t.Fatal(err)
	}
	if err := n.FitHead(f.Pooled); err != nil {
		t.Fatal(err)
	}
	plain := kernels.Read[float32](n.Store.Get(head.EmbeddingName + ".weight").Value)
	n.Config.Crop, n.Config.Flip, n.Config.Rotate, n.Config.Scale, n.Config.Shift, n.Config.Area = "centre", 0, 0, "1,1", 0, "1,1"
	remarks = nil
	err := n.FitWithin(ctx, f.Pooled, nil, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range kernels.Read[float32](n.Store.Get(head.EmbeddingName + ".weight").Value) {
		if !(math.Abs(float64(v-plain[i])) <= 1e-5*(1+math.Abs(float64(plain[i])))) { // scaled a second time, in float32
			t.Fatalf("weight %d is %g, of the plain layer %g", i, v, plain[i])
		}
	}
	if len(remarks) == 0 || !strings.Contains(remarks[0], "--head-init within: the views of every image have the same features") {
		t.Errorf("remarks %q", remarks)
	}
}

// TestWithinHeadEnds: an ended context is passed on, and nothing is left behind.
func TestWithinHeadEnds(t *testing.T) {
	n, c := demoNetwork(t, kernels.CPU())
	n.Config.HeadInit = "within"
	ctx, stop := context.WithCancel(context.Background())
	var f Features
	defer f.Free()
	if err := n.Renew(ctx, c, &f); err != nil {
		t.Fatal(err)
	}
	live := n.Device.LiveBytes()
	stop()
	if err := n.InitHead(ctx, c, &f); err != context.Canceled {
		t.Errorf("error %v", err)
	}
	if now := n.Device.LiveBytes(); now != live {
		t.Errorf("%d bytes live, before %d", now, live)
	}
}
