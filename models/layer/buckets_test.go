package layer_test

import (
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// TestShardBuckets: the pieces are the whole, from its end to its beginning, closed by the parameter that fills them, and each has the
// gradients of its parameters.
func TestShardBuckets(t *testing.T) {
	dev := kernels.CPU()
	store := layer.NewStore(dev, kernels.Float32, 3)
	defer store.Free()
	if store.ShardBuckets(1, 1) != nil {
		t.Error("pieces of nothing")
	}
	tp := tape.New(dev, kernels.Float32, true)
	s := layer.NewScope(tp, store)
	tp.Shards(2, func(int) {
		x := tp.New(2, 16)
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			x = layer.Linear(s, name, x, 16) // 1024 bytes of weights, 64 of bias
		}
	})
	layer.Linear(s, "whole", tp.New(2, 16), 16)
	store.Flatten()
	sum, parts := store.ShardGradients()
	at, count := sum.Len(), 0
	buckets := store.ShardBuckets(1025, 3000)
	if len(buckets) != 3 {
		t.Errorf("%d pieces, want e; b, c and d; a", len(buckets))
	}
	for _, b := range buckets {
		at -= b.Sum.Len()
		count += len(b.Params)
		if len(b.Parts) != 2 || b.Parts[1].Len() != b.Sum.Len() {
			t.Fatalf("%d parts", len(b.Parts))
		}
		kernels.Data[float32](b.Sum)[0], kernels.Data[float32](b.Parts[1])[0] = 7, 8
		if kernels.Data[float32](sum)[at] != 7 || kernels.Data[float32](parts[1])[at] != 8 {
			t.Errorf("a piece does not lie at %d", at)
		}
		first := b.Params[len(b.Params)-1]
		if kernels.Data[float32](first.Grad)[0] != 7 || kernels.Data[float32](first.Parts[1])[0] != 8 {
			t.Errorf("a piece does not begin with the gradient of %s", first.Name)
		}
	}
	if at != 0 || count != 10 {
		t.Errorf("%d elements are left, %d parameters in pieces", at, count)
	}
}
