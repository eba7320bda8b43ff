package layer_test

import (
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// TestFlatten: a step gives the same gradients when they are views of one array as when each stands alone, and the array holds all
// of them, aligned, with zeros between.
func TestFlatten(t *testing.T) {
	dev := kernels.CPU()
	store, arena := layer.NewStore(dev, kernels.Float64, 3), tape.NewArena(dev)
	images := optest.Uniform(dev, kernels.Float64, 1, -1, 1, 4, 5, 5, 3)
	tp := tape.New(dev, kernels.Float64, true)
	s := layer.NewScope(tp, store)
	h := layer.ReLU(s, layer.Conv2D(s, "conv", tp.Input(images), layer.Conv{Out: 7, Kernel: 3, Pad: 1}))
	loss, _ := layer.Rim(s, layer.Linear(s, "fc", layer.GlobalAveragePool(s, h), 5), 1)
	program := tp.Compile(arena, loss)
	program.Run()
	var want [][]float64
	for _, p := range store.Trained() {
		want = append(want, slices.Clone(kernels.Data[float64](p.Grad)))
	}
	for range 2 { // a second call moves them once more
		store.Flatten()
		arena.Rebind()
		program.Run()
		flat, covered := kernels.Data[float64](store.Gradients()), 0
		for i, p := range store.Trained() {
			if got := kernels.Data[float64](p.Grad); !slices.Equal(got, want[i]) {
				t.Errorf("%s: %v, want %v", p.Name, got, want[i])
			}
			if at := slices.Index(flat, want[i][0]); at%16 != 0 || !slices.Equal(flat[at:at+len(want[i])], want[i]) {
				t.Errorf("%s lies at %d of the flat array", p.Name, at)
			}
			covered += len(want[i])
		}
		if zeros := len(flat) - covered; zeros <= 0 || zeros >= 16*len(want) {
			t.Errorf("%d elements hold %d", len(flat), covered)
		}
	}
	images.Free()
	arena.Free()
	store.Free()
	if dev.LiveBytes() != 0 {
		t.Errorf("%d bytes live", dev.LiveBytes())
	}
}
