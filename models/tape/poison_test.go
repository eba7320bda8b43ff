package tape

import (
	"math"
	"slices"
	"testing"

	"udml-gpu/kernels"
)

// squares records sum (2p)^2 + sum p^2 of a parameter of three elements. edit may spoil an op: "double", "total", "rest", "sum".
func squares(dev *kernels.Device, edit func(op *Op)) (t *Tape, p *Param, doubled, loss *Var) {
	t = New(dev, kernels.Float64, true)
	p = &Param{Name: "p", Value: kernels.Of(dev, []float64{1, 2, 3}, 3), Grad: dev.New(kernels.Float64, 3)}
	v := t.Param(p)
	doubled = addVars(t, v, v)
	a := total(t, doubled)
	b := total(t, negate(t, v))
	loss = addVars(t, a, b)
	for i, name := range []string{"double", "total", "negate", "rest", "sum"} {
		t.ops[i].Name = name
		edit(t.ops[i])
	}
	return t, p, doubled, loss
}

// TestPoisonNotices: in poisoned memory a wrong op makes NaN, and a right step gives its usual results.
func TestPoisonNotices(t *testing.T) {
	for _, c := range []struct {
		name  string
		edit  func(op *Op)
		wrong bool
	}{
		{"right", func(*Op) {}, false},
		{"a value read backward without Reads", func(op *Op) {
			if op.Name == "total" {
				op.Reads = nil
			}
		}, true},
		{"a gradient added to what nothing wrote", func(op *Op) {
			if op.Name == "negate" {
				op.Backward = addsAlways(op)
			}
		}, true},
		{"an output that is not written", func(op *Op) {
			if op.Name == "rest" {
				op.Forward = func() {}
			}
		}, true},
	} {
		dev := kernels.CPU()
		tp, p, _, loss := squares(dev, c.edit)
		arena := NewArena(dev)
		arena.Poison()
		program := tp.Compile(arena, loss)
		for range 2 { // the second starts with the memory of the first
			program.Run()
			results := append(slices.Clone(values(loss)), kernels.Data[float64](p.Grad)...)
			if !c.wrong && !slices.Equal(results, []float64{70, 10, 20, 30}) {
				t.Errorf("%s: loss and gradient are %v, want 70 and 10, 20, 30", c.name, results)
			}
			if nan := slices.ContainsFunc(results, math.IsNaN); nan != c.wrong {
				t.Errorf("%s: loss and gradient are %v", c.name, results)
			}
		}
	}
}

// addsAlways is a backward that adds to its gradients even when it should overwrite them.
func addsAlways(op *Op) func(k *Back) {
	y := op.Out[0]
	return func(k *Back) {
		for i := range op.In {
			d := kernels.Data[float64](k.Grad(i))
			for j, g := range kernels.Data[float64](y.Grad()) {
				d[j] += g
			}
		}
	}
}

// TestPoisonNoticesShortLives: a plan that ends a buffer's life one step early makes NaN, whichever buffer it is.
func TestPoisonNoticesShortLives(t *testing.T) {
	dev := kernels.CPU()
	buffers := 0
	for n := 0; n == 0 || n < buffers; n++ {
		tp, p, _, loss := squares(dev, func(*Op) {})
		arena := NewArena(dev)
		arena.Poison()
		program := tp.Compile(arena, loss)
		buffers = len(program.plan.buffers)
		b := &program.plan.buffers[n].lives[0]
		if b.last == b.first { // used by one step alone, such as a gradient that is added to another
			continue
		}
		b.last--
		program.bind()
		program.Run()
		if results := append(slices.Clone(values(loss)), kernels.Data[float64](p.Grad)...); !slices.ContainsFunc(results, math.IsNaN) {
			t.Errorf("buffer %d, used from step %d to %d: not noticed, the results are %v", n, b.first, b.last+1, results)
		}
	}
	if buffers < 5 {
		t.Errorf("only %d buffers", buffers)
	}
}

// TestPoisonNoticesWhatIsNotKept: a value that Compile was not told to keep is NaN after the run.
func TestPoisonNoticesWhatIsNotKept(t *testing.T) {
	for _, kept := range []bool{false, true} {
		dev := kernels.CPU()
		tp, _, doubled, loss := squares(dev, func(*Op) {})
		arena := NewArena(dev)
		var keep []*Var
		if kept {
			keep = append(keep, doubled)
		}
		program := tp.Compile(arena, loss, keep...)
		arena.Poison() // a program that is compiled already follows
		program.Run()
		if got := values(doubled); math.IsNaN(got[0]) == kept || kept && !slices.Equal(got, []float64{2, 4, 6}) {
			t.Errorf("kept %v: the value is %v", kept, got)
		}
	}
}
