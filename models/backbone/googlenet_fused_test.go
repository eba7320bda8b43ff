package backbone

import (
	"math"
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// fusedWidths are those of a small module, with odd ones and none that is a multiple of another.
var fusedWidths = []inceptionWidths{{12, 8, 20, 4, 16, 8}, {5, 3, 7, 2, 6, 1}}

// tensorOf is the numbers of one tensor of a module after a step.
type tensorOf struct {
	name   string
	values []float64
}

// lossOf is a loss of 0 whose gradient with respect to y is dy.
func lossOf(tp *tape.Tape, y *tape.Var, dy *kernels.Array) *tape.Var {
	l := tp.New(1)
	tp.Apply(tape.Op{
		Name: "loss", In: []*tape.Var{y}, Out: []*tape.Var{l}, Forward: func() { l.Value().Zero() },
		Backward: func(b *tape.Back) { b.Grad(0).CopyFrom(dy) },
	})
	return l
}

// moduleStep runs a step of a module on 2 images of 5 x 4 pixels and 16 channels with given gradients of its result, and is all that it
// leaves: the result, the gradients of x and of the parameters, and the running statistics. The module is applied twice to x with the same
// parameters, whose gradients are sums then; the results are added. Memory that nothing reads is NaN. run runs the step.
func moduleStep(dev *kernels.Device, d kernels.DType, to inceptionWidths, beside bool, record recordModule, run func(step func()),
) (list []tensorOf) {
	const channels = 16
	random := func(seed uint64, shape ...int) *kernels.Array {
		host := optest.Uniform(kernels.CPU(), kernels.Float64, seed, -1, 1, shape...)
		return optest.As(host, d).To(dev)
	}
	store, arena, tp := layer.NewStore(dev, d, 7), tape.NewArena(dev), tape.New(dev, d, true)
	defer store.Free()
	defer arena.Free()
	x := &tape.Param{Name: "x", Value: random(1, 2, 5, 4, channels), Grad: dev.New(d, 2, 5, 4, channels)}
	defer x.Free()
	s := layer.NewScope(tp, store)
	if beside {
		inceptionBeside(s, channels, to)
	}
	aside := s.Aside()
	inception(aside, aside.Tape.New(x.Value.Shape()...), to)
	for i, p := range store.Trained() {
		start := random(uint64(10+i), p.Value.Shape()...)
		p.Value.CopyFrom(start)
		start.Free()
	}
	y := layer.Add(s, record(s, tp.Param(x), to), record(s, tp.Param(x), to))
	dy := random(2, y.Shape()...)
	defer dy.Free()
	l := lossOf(tp, y, dy)
	arena.Poison()
	program := tp.Compile(arena, l, l, y)
	store.Flatten()
	arena.Rebind()
	run(func() {
		for _, p := range store.Params() {
			if p.Grad == nil {
				p.Value.Zero() // the running statistics of the step before, if there was one
			}
		}
		program.Run()
		program.Commit(nil)
	})
	add := func(name string, a *kernels.Array) {
		list = append(list, tensorOf{name, parity.Numbers(a.To(kernels.CPU()))})
	}
	add("y", y.Value())
	add("gradient of x", x.Grad)
	for _, p := range store.Params() {
		if p.Grad != nil {
			add("gradient of "+p.Name, p.Grad)
		} else {
			add(p.Name, p.Value)
		}
	}
	return list
}

// once runs a step.
func once(step func()) { step() }

type recordModule func(*layer.Scope, *tape.Var, inceptionWidths) *tape.Var

// wantTensors compares two steps; the largest number of each tensor is the measure of its errors.
func wantTensors(t *testing.T, got, want []tensorOf, bound float64) {
	t.Helper()
	if len(got) != len(want) || len(want) != 2+6*5 {
		t.Fatalf("%d tensors and %d", len(got), len(want))
	}
	for i, w := range want {
		largest := 0.0
		for _, v := range w.values {
			largest = max(largest, math.Abs(v))
		}
		if g := got[i]; g.name != w.name || !slices.EqualFunc(g.values, w.values, func(a, b float64) bool {
			return math.Abs(a-b) <= bound*largest
		}) || largest == 0 {
			t.Errorf("%s and %s differ by more than %g of %g", g.name, w.name, bound, largest)
		}
	}
}

// TestInceptionFused: the fused module gives the numbers of the plain one, up to the order of sums in float64, whether its parameters lie
// side by side or not. The plain layers are held against finite differences and PyTorch.
func TestInceptionFused(t *testing.T) {
	dev := kernels.CPU()
	for _, to := range fusedWidths {
		want := moduleStep(dev, kernels.Float64, to, false, inception, once)
		for _, beside := range []bool{false, true} {
			wantTensors(t, moduleStep(dev, kernels.Float64, to, beside, inceptionFused, once), want, 1e-12)
		}
	}
	if n := dev.LiveBytes(); n != 0 {
		t.Errorf("%d bytes live", n)
	}
}

// TestGPUInceptionFused: so does a GPU's, which takes it by itself, as far as sums in float32 go: a gate of ReLU so near 0 that rounding
// decides is not among the numbers. Launched as a graph it leaves the same bits.
func TestGPUInceptionFused(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, dev *kernels.Device) {
		parity.Graphs(t)
		for _, to := range fusedWidths {
			want := moduleStep(kernels.CPU(), kernels.Float64, to, false, inception, once)
			got := moduleStep(dev, kernels.Float32, to, true, inceptionModule, once)
			wantTensors(t, got, want, 2e-5)
			replayed := moduleStep(dev, kernels.Float32, to, true, inceptionModule, func(step func()) {
				step()
				graph, err := dev.Capture(step)
				if err != nil {
					t.Fatal(err)
				}
				graph.Launch()
				graph.Free()
			})
			wantTensors(t, replayed, got, 0)
		}
	})
}
