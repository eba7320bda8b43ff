package tape

import (
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/rng"
)

// pieces records random chains of ops on a parameter, each within Again where that is so, adds their ends, also within later chains, and
// returns the loss. counts are how often each op ran forward.
func pieces(t *Tape, seed uint64, again bool, counts *[]int) *Var {
	key := rng.Key{Seed: seed, Op: rng.OpBench}
	p := &Param{Name: "p", Value: kernels.Of(t.dev, []float64{1, 2, 3}, 3), Grad: t.dev.New(kernels.Float64, 3)}
	ends := []*Var{t.Param(p)}
	for i := range uint32(3) {
		record := func() {
			w := key.At(i)
			vars := []*Var{ends[rng.Below(w[0], len(ends))]}
			for j := range 1 + w[1]%6 {
				w := key.At(100*i + j)
				a, b := vars[rng.Below(w[0], len(vars))], vars[rng.Below(w[1], len(vars))]
				switch w[2] % 4 {
				case 0:
					vars = append(vars, negate(t, a))
				case 1:
					vars = append(vars, addVars(t, a, b))
				case 2:
					vars = append(vars, square(t, a))
				case 3:
					vars = append(vars, product(t, a))
				}
			}
			ends = append(ends, vars[len(vars)-1], vars[len(vars)/2])
		}
		if again {
			t.Again(record)
		} else {
			record()
		}
	}
	sum := ends[0]
	for _, v := range ends[1:] {
		sum = addVars(t, sum, v)
	}
	loss := total(t, sum)
	*counts = make([]int, len(t.ops))
	for i, op := range t.ops {
		forward := op.Forward
		op.Forward = func() { (*counts)[i]++; forward() }
	}
	return loss
}

// square is x^2 / 8: its gradient needs the value of x, which it overwrites where the plan lets it.
func square(t *Tape, x *Var) *Var {
	y := t.New(x.Shape()...)
	t.Apply(Op{
		Name: "square", In: []*Var{x}, Out: []*Var{y}, InPlace: true, Reads: []*Var{x},
		Forward: func() {
			for i, v := range values(x) {
				values(y)[i] = v * v / 8
			}
		},
		Backward: func(k *Back) {
			for i, v := range values(x) {
				kernels.Data[float64](k.Grad(0))[i] = v / 4 * kernels.Data[float64](y.Grad())[i]
			}
		},
	})
	return y
}

// stepOf runs the step of pieces twice, in poisoned memory: loss and gradient of both.
func stepOf(t *testing.T, seed uint64, again bool) (results []float64, counts []int) {
	t.Helper()
	dev := kernels.CPU()
	tp, arena := New(dev, kernels.Float64, true), NewArena(dev)
	arena.Poison()
	loss := pieces(tp, seed, again, &counts)
	p := tp.Compile(arena, loss)
	for range 2 {
		p.Run()
		results = append(results, values(loss)...)
		for key := range tp.params {
			results = append(results, kernels.Data[float64](key.param.Grad)...)
		}
	}
	checkPlan(t, p.plan)
	return results, counts
}

// TestAgainGivesTheSame: a step whose spans run again gives the bytes of a step that keeps everything, and no op runs more than twice.
func TestAgainGivesTheSame(t *testing.T) {
	ran := map[int]int{}
	for seed := range uint64(200) {
		want, _ := stepOf(t, seed, false)
		got, counts := stepOf(t, seed, true)
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d: %v, want %v", seed, got, want)
		}
		for _, n := range counts {
			ran[n/2]++ // of two steps
		}
	}
	if len(ran) != 2 || ran[1] == 0 || ran[2] == 0 {
		t.Errorf("how often ops ran: %v", ran)
	}
}

// product is x^2 / 8 like square, with a copy of x that it saves, and x itself, as batch norm saves the weights of rows.
func product(t *Tape, x *Var) *Var {
	y, saved := t.New(x.Shape()...), t.New(x.Shape()...)
	t.Apply(Op{
		Name: "product", In: []*Var{x}, Out: []*Var{y}, Saved: []*Var{saved, x},
		Forward: func() {
			for i, v := range values(x) {
				values(saved)[i] = v
				values(y)[i] = v * v / 8
			}
		},
		Backward: func(k *Back) {
			for i, v := range values(saved) {
				kernels.Data[float64](k.Grad(0))[i] = (v + values(x)[i]) / 8 * kernels.Data[float64](y.Grad())[i]
			}
		},
	})
	return y
}

// line records a line of squares, negatives and products in so many equal spans, and its loss.
func line(t *Tape, spans int) *Var {
	const triples = 24
	p := &Param{Name: "p", Value: t.dev.New(kernels.Float64, 32), Grad: t.dev.New(kernels.Float64, 32)}
	for i := range kernels.Data[float64](p.Value) {
		kernels.Data[float64](p.Value)[i] = 8
	}
	x := t.Param(p)
	for range spans {
		t.Again(func() {
			for range triples / spans {
				x = product(t, negate(t, square(t, x)))
			}
		})
	}
	return total(t, x)
}

// TestAgainTakesLessMemory: of n spans of one length only the ends are kept, and the values of one. Three values of each triple are read
// backward: what is squared, and twice what the product is of.
func TestAgainTakesLessMemory(t *testing.T) {
	const value = 32 * 8
	for spans, triples := range map[int]int{1: 24, 2: 12, 4: 6, 6: 4, 8: 3} {
		dev := kernels.CPU()
		tp := New(dev, kernels.Float64, true)
		n := tp.Compile(NewArena(dev), line(tp, spans)).Bytes()
		if most := 3*triples + spans + 2; n > most*value+64 { // with the gradients of a step
			t.Errorf("%d spans: %.1f values, want at most %d", spans, float64(n)/value, most)
		}
	}
}

// TestPoisonNoticesShortLivesAgain: a plan that ends any life of any buffer one step early, the first one of a value that is computed
// again among them, makes NaN.
func TestPoisonNoticesShortLivesAgain(t *testing.T) {
	several := 0
	for n, buffers := 0, 1; n < buffers; n++ {
		for l, lives := 0, 1; l < lives; l++ {
			dev := kernels.CPU()
			tp, arena := New(dev, kernels.Float64, true), NewArena(dev)
			arena.Poison()
			loss := line(tp, 4)
			program := tp.Compile(arena, loss)
			buffers, lives = len(program.plan.buffers), len(program.plan.buffers[n].lives)
			several = max(several, lives)
			if b := &program.plan.buffers[n].lives[l]; b.last > b.first {
				b.last--
				program.bind()
				program.Run()
				results := slices.Clone(values(loss))
				for p := range tp.params {
					results = append(results, kernels.Data[float64](p.param.Grad)...)
				}
				if !slices.ContainsFunc(results, func(v float64) bool { return v != v }) {
					t.Errorf("life %d of buffer %d, to step %d, is not noticed", l, n, b.last+1)
				}
			}
		}
	}
	if several < 2 {
		t.Error("no value is computed again")
	}
}

// TestAgainCommitsOnce: the effects of a step come once for each op, in order, although its ops run twice.
func TestAgainCommitsOnce(t *testing.T) {
	dev := kernels.CPU()
	tp := New(dev, kernels.Float64, true)
	loss := line(tp, 6)
	var commits []int
	for i, op := range tp.ops {
		op.Commit = func(*kernels.Array) { commits = append(commits, i) }
	}
	program := tp.Compile(NewArena(dev), loss)
	program.Run()
	if commits != nil {
		t.Error("effects before the commit")
	}
	program.Commit(nil)
	if len(commits) != len(tp.ops) || !slices.IsSorted(commits) {
		t.Errorf("commits of ops %v", commits)
	}
}

func TestAgainWithinAgain(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	tp := New(kernels.CPU(), kernels.Float64, true)
	tp.Again(func() { tp.Again(func() {}) })
}
