package network

import (
	"context"
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// TestSetSize: features are of the size at which they were made, of images that show the same; values do not change the size.
func TestSetSize(t *testing.T) {
	for _, dev := range parity.Devices(t) {
		t.Run(dev.Name(), func(t *testing.T) { setSize(t, dev) })
	}
}

func setSize(t *testing.T, dev *kernels.Device) {
	n, c := demoNetwork(t, dev)
	ctx, full := context.Background(), n.Config.Size
	var f Features
	defer f.Free()
	renewedEqualsFresh(t, "at first", n, c, &f)
	large, held := kernels.Read[float32](f.Pooled), n.Values()
	if n.Shows() != 0 {
		t.Errorf("shows %d", n.Shows())
	}
	n.SetSize(full / 2)
	pooled := f.Pooled
	if err := n.Renew(ctx, c, &f); err != nil || f.Pooled == pooled || n.Shows() != full {
		t.Fatalf("features of another size are taken, or %d is shown; error %v", n.Shows(), err)
	}
	if slices.Equal(large, kernels.Read[float32](f.Pooled)) {
		t.Error("the features of both sizes are the same")
	}
	if got := n.ForwardFor(1).Images.Dim(1); got != full/2 {
		t.Errorf("images have %d pixels", got)
	}
	n.Restore(held)
	renewedEqualsFresh(t, "restored at another size", n, c, &f)
	n.SetSize(full)
	if err := n.Renew(ctx, c, &f); err != nil || !slices.Equal(large, kernels.Read[float32](f.Pooled)) {
		t.Errorf("the features at the first size are others, error %v", err)
	}
}
