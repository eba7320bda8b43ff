package method

import (
	"maps"
	"math"
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/rng"
	"udml-gpu/models/backbone"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// TestSameInPoisonedMemory: every method's step gives the same bits when each buffer is filled with NaN as soon as the plan says
// that nothing reads it any more. So no op reads a value that it has not declared.
func TestSameInPoisonedMemory(t *testing.T) {
	for _, name := range Names() {
		for _, other := range []map[string]any{nil, {"pseudo-labels": "oracle"}, {"clusters": 7}} {
			change := small()
			maps.Copy(change, other)
			plain := stepNumbers(t, name, change, false)
			poisoned := stepNumbers(t, name, change, true)
			if !slices.EqualFunc(plain, poisoned, func(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) }) {
				t.Errorf("%s with %+v: the step gives other numbers in poisoned memory", name, change)
			}
		}
	}
}

// stepNumbers are the loss and the gradients of a step that draws its own mask. It keeps only its loss, so that the life of every
// other value ends as early as possible.
func stepNumbers(t *testing.T, name string, change map[string]any, poison bool) []float64 {
	const batch, size, dim = 4, 16, 8
	dev := kernels.CPU()
	store, arena := layer.NewStore(dev, kernels.Float64, 1), tape.NewArena(dev)
	if poison {
		arena.Poison()
	}
	net, err := backbone.Find("conv4")
	if err != nil {
		t.Fatal(err)
	}
	m := changed(t, name, change)
	images := dev.New(kernels.Float64, 2*batch, size, size, 1)
	key := rng.Key{Seed: 5, Op: rng.OpBench}
	for i, d := 0, kernels.Data[float64](images); i < len(d); i++ {
		d[i] = float64(rng.Uniform(key.At(uint32(i))[0]))
	}
	tp := tape.New(dev, kernels.Float64, true)
	loss := m.Loss(layer.NewScope(tp, store), Inputs{
		Backbone: net, Dim: dim, Total: batch, Images: tp.Input(images), Clock: layer.ClockAt(dev, 0, 0),
		Labels:  tp.Input(kernels.Of(dev, []int32{1, 0, 1, 0}, batch)),
		Samples: tp.Input(kernels.Of(dev, []int32{0, 1, 2, 3, 0, 1, 2, 3}, 2*batch)),
		Views:   tp.Input(kernels.Of(dev, []int32{0, 0, 0, 0, 1, 1, 1, 1}, 2*batch)),
	}).Loss
	program := tp.Compile(arena, loss)
	var all []float64
	for range 2 { // the second run starts with the memory of the first
		program.Run()
		all = append(all, kernels.Data[float64](loss.Value())...)
		for _, p := range store.Trained() {
			all = append(all, kernels.Data[float64](p.Grad)...)
		}
	}
	return all
}
