package tape

import (
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/rng"
)

// chain records a random graph of adds and in-place negations and returns its loss.
func chain(t *Tape, seed uint64, ops int) *Var {
	key := rng.Key{Seed: seed, Op: rng.OpBench}
	p := &Param{Name: "p", Value: t.dev.New(kernels.Float64, 3), Grad: t.dev.New(kernels.Float64, 3)}
	copy(kernels.Data[float64](p.Value), []float64{1, 2, 3})
	vars := []*Var{t.Param(p)}
	for i := range ops {
		w := key.At(uint32(i))
		a, b := vars[rng.Below(w[0], len(vars))], vars[rng.Below(w[1], len(vars))]
		if w[2]%2 == 0 {
			vars = append(vars, negate(t, a))
		} else {
			vars = append(vars, addVars(t, a, b))
		}
	}
	sum := vars[0]
	for _, v := range vars[1:] {
		sum = addVars(t, sum, v)
	}
	return total(t, sum)
}

func values(v *Var) []float64 { return kernels.Data[float64](v.Value()) }

func addVars(t *Tape, a, b *Var) *Var {
	y := t.New(a.Shape()...)
	t.Apply(Op{
		Name: "add", In: []*Var{a, b}, Out: []*Var{y}, InPlace: true, GradInPlace: true,
		Forward: func() {
			x, z := values(a), values(b)
			for i := range x {
				values(y)[i] = x[i] + z[i]
			}
		},
		Backward: func(k *Back) {
			for i := range 2 {
				if g := k.Grad(i); g != nil {
					g.CopyFrom(y.Grad())
				}
			}
		},
	})
	return y
}

func negate(t *Tape, a *Var) *Var {
	y := t.New(a.Shape()...)
	t.Apply(Op{
		Name: "negate", In: []*Var{a}, Out: []*Var{y}, InPlace: true, GradInPlace: true, Adds: []int{0},
		Forward: func() {
			for i, x := range values(a) {
				values(y)[i] = -x
			}
		},
		Backward: func(k *Back) {
			d := kernels.Data[float64](k.Grad(0))
			for i, g := range kernels.Data[float64](y.Grad()) {
				if k.Add(0) {
					d[i] -= g
				} else {
					d[i] = -g
				}
			}
		},
	})
	return y
}

// total is sum x^2: its gradient needs the value of x at the end.
func total(t *Tape, x *Var) *Var {
	y := t.New(1)
	t.Apply(Op{
		Name: "total", In: []*Var{x}, Out: []*Var{y}, Reads: []*Var{x},
		Forward: func() {
			s := 0.0
			for _, v := range values(x) {
				s += v * v
			}
			values(y)[0] = s
		},
		Backward: func(k *Back) {
			for i, v := range values(x) {
				kernels.Data[float64](k.Grad(0))[i] = 2 * v * kernels.Data[float64](y.Grad())[0]
			}
		},
	})
	return y
}

// coefficient follows the same graph symbolically: every var is c*p, so the loss is c^2 |p|^2.
func coefficient(seed uint64, ops int) float64 {
	key := rng.Key{Seed: seed, Op: rng.OpBench}
	c := []float64{1}
	for i := range ops {
		w := key.At(uint32(i))
		a, b := rng.Below(w[0], len(c)), rng.Below(w[1], len(c))
		if w[2]%2 == 0 {
			c = append(c, -c[a])
		} else {
			c = append(c, c[a]+c[b])
		}
	}
	s := 0.0
	for _, v := range c {
		s += v
	}
	return s
}

func TestRandomGraphs(t *testing.T) {
	for seed := range uint64(120) { // the second half in poisoned memory
		ops := 1 + int(seed)%13
		dev := kernels.CPU()
		tp := New(dev, kernels.Float64, true)
		loss := chain(tp, seed, ops)
		arena := NewArena(dev)
		if seed >= 60 {
			arena.Poison()
		}
		p := tp.Compile(arena, loss)
		c := coefficient(seed, ops)
		for range 2 { // a replay gives the same
			p.Run()
			if got, want := values(loss)[0], 14*c*c; got != want {
				t.Fatalf("seed %d: loss %g, want %g", seed, got, want)
			}
			for prm := range tp.params {
				for i, g := range kernels.Data[float64](prm.param.Grad) {
					if want := 2 * c * c * float64(i+1); g != want {
						t.Fatalf("seed %d: gradient %d is %g, want %g", seed, i, g, want)
					}
				}
			}
		}
		checkPlan(t, p.plan)
		arena.Free()
		for prm := range tp.params {
			prm.param.Value.Free()
			prm.param.Grad.Free()
		}
		if n := dev.LiveBytes(); n != 0 {
			t.Fatalf("%d bytes live after Free", n)
		}
	}
}

// checkPlan fails when two buffers share memory while both live.
func checkPlan(t *testing.T, p *plan) {
	t.Helper()
	for i, a := range p.buffers {
		for _, b := range p.buffers[i+1:] {
			together := a.meets(b)
			overlap := a.offset < b.offset+b.bytes && b.offset < a.offset+a.bytes
			if together && overlap {
				t.Fatalf("buffers %+v and %+v share memory", a, b)
			}
		}
	}
}

func TestArenaIsSharedAndGrows(t *testing.T) {
	dev := kernels.CPU()
	arena := NewArena(dev)
	defer arena.Free()
	programs := []*Program{}
	losses := []*Var{}
	for _, ops := range []int{1, 12, 3} {
		tp := New(dev, kernels.Float64, true)
		l := chain(tp, 5, ops)
		programs, losses = append(programs, tp.Compile(arena, l)), append(losses, l)
	}
	for i, ops := range []int{1, 12, 3} {
		programs[i].Run()
		if c := coefficient(5, ops); values(losses[i])[0] != 14*c*c {
			t.Fatalf("program %d gives %g, want %g", i, values(losses[i])[0], 14*c*c)
		}
	}
	if arena.Bytes() != max(programs[0].Bytes(), programs[1].Bytes(), programs[2].Bytes()) {
		t.Fatal("the arena is not the size of the largest program")
	}
}

func TestDetachStopsGradient(t *testing.T) {
	dev := kernels.CPU()
	tp := New(dev, kernels.Float64, true)
	p := &Param{Name: "p", Value: kernels.Of(dev, []float64{3}, 1), Grad: dev.New(kernels.Float64, 1)}
	v := tp.Param(p)
	loss := total(tp, addVars(tp, v, tp.Detach(negate(tp, negate(tp, v)))))
	arena := NewArena(dev)
	tp.Compile(arena, loss).Run()
	if g := kernels.Data[float64](p.Grad)[0]; g != 12 { // d/dp (p+const)^2 at 3+3
		t.Fatalf("gradient %g, want 12", g)
	}
}
