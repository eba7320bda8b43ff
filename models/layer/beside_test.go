package layer_test

import (
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// TestBeside: parameters of a row lie one behind another, and after Flatten their gradients, even where other parameters come between; they
// begin as they would alone, and are listed in the order in which layers name them.
func TestBeside(t *testing.T) {
	dev := kernels.CPU()
	record := func(beside bool) *layer.Store {
		store := layer.NewStore(dev, kernels.Float32, 3)
		tp := tape.New(dev, kernels.Float32, true)
		s := layer.NewScope(tp, store).In("block")
		x := tp.New(2, 4, 4, 6)
		for range 2 { // again, when they are there
			if beside {
				s.Beside([]string{"a", "b"}, "weight", []int{3, 5}, 1, 1, 6)
			}
			for _, c := range []struct {
				name string
				out  int
			}{{"a", 3}, {"between", 4}, {"b", 5}} {
				layer.Conv2D(s, c.name, x, layer.Conv{Out: c.out, Kernel: 1})
			}
		}
		store.Flatten()
		return store
	}
	plain, store := record(false), record(true)
	a, b := store.Get("block.a.weight"), store.Get("block.b.weight")
	if kernels.Adjacent(a.Value, b.Value) == nil || kernels.Adjacent(a.Grad, b.Grad) == nil {
		t.Error("the weights or their gradients do not lie one behind another")
	}
	for i, p := range plain.Params() {
		q := store.Params()[i]
		same := slices.Equal(kernels.Data[float32](p.Value), kernels.Data[float32](q.Value))
		if p.Name != q.Name || !same || p.Grad.Len() != q.Grad.Len() {
			t.Errorf("parameter %d is %s, or begins otherwise than %s", i, q.Name, p.Name)
		}
		kernels.Data[float32](q.Grad)[0] = float32(i + 1)
	}
	for i, q := range store.Params() {
		if kernels.Data[float32](q.Grad)[0] != float32(i+1) {
			t.Errorf("the gradient of %s shares memory with another", q.Name)
		}
	}
	plain.Free()
	store.Free()
	if dev.LiveBytes() != 0 {
		t.Errorf("%d bytes live", dev.LiveBytes())
	}
}
