package tape

import (
	"slices"
	"strings"
	"testing"

	"udml-gpu/kernels"
)

// meetAll records that the shards meet: each gets the sum of the values of all, and passes on the sum of all gradients.
func meetAll(t *Tape, a *Var, order *[]int, number int) *Var {
	y := t.New(a.Shape()...)
	t.Meet([]*Var{a}, []*Var{y}, func(in, out [][]*Var) Op {
		return Op{
			Name: "meet",
			Forward: func() {
				*order = append(*order, number)
				for e := range values(a) {
					sum := 0.0
					for _, list := range in {
						sum += values(list[0])[e]
					}
					for _, list := range out {
						values(list[0])[e] = sum
					}
				}
			},
			Backward: func(b *Back) {
				for e := range values(a) {
					sum := 0.0
					for _, list := range out {
						sum += kernels.Data[float64](list[0].Grad())[e]
					}
					for i := range in {
						kernels.Data[float64](b.Grad(i))[e] = sum
					}
				}
			},
		}
	})
	return y
}

// TestShardsMeet: what shards record runs as if each had waited for the others where they meet, each has its own gradient of a parameter,
// and a replay in poisoned memory gives the same.
func TestShardsMeet(t *testing.T) {
	dev := kernels.CPU()
	tp, arena := New(dev, kernels.Float64, true), NewArena(dev)
	arena.Poison()
	p := &Param{Name: "p", Value: kernels.Of(dev, []float64{1, 2, 3}, 3), Grad: dev.New(kernels.Float64, 3)}
	var order []int
	losses := make([]*Var, 3)
	tp.Shards(3, func(i int) {
		x := tp.Param(p)
		for range i {
			x = negate(tp, x) // shards may have different ops between two meetings
		}
		x = meetAll(tp, x, &order, 1) // p - p + p
		x = addVars(tp, x, tp.Param(p))
		losses[i] = total(tp, meetAll(tp, x, &order, 2)) // 6 p
	})
	program := tp.Compile(arena, addVars(tp, addVars(tp, losses[0], losses[1]), losses[2]))
	for range 2 {
		order = nil
		program.Run()
		if !slices.Equal(order, []int{1, 2}) {
			t.Fatalf("the shards met in the order %v", order)
		}
		// The loss is three times the sum of (6 p_e)^2. Each shard's part of its gradient is 36 p_e by what it adds between the meetings,
		// and three times as much, with its sign, by what it adds to the first.
		for i, part := range p.Parts {
			sign := []float64{1, -1, 1}[i]
			for e, g := range kernels.Data[float64](part) {
				if want := float64(e+1) * (36 + 108*sign); g != want {
					t.Errorf("shard %d: gradient %d is %g, want %g", i, e, g, want)
				}
			}
		}
	}
	for _, g := range kernels.Data[float64](p.Grad) {
		if g != 0 {
			t.Errorf("the gradient of all shards is written: %g", g)
		}
	}
	checkPlan(t, program.plan)
	arena.Free()
	p.Free()
	if n := dev.LiveBytes(); n != 0 {
		t.Errorf("%d bytes live", n)
	}
}

// TestShardsMeetInBlocks: shards that meet in blocks meet again, in the order of the backward pass, before the gradients of each block, and
// have the gradients that they have without blocks.
func TestShardsMeetInBlocks(t *testing.T) {
	run := func(blocks bool) (gradients []float64, order []int) {
		dev := kernels.CPU()
		tp, arena := New(dev, kernels.Float64, true), NewArena(dev)
		arena.Poison()
		p := &Param{Name: "p", Value: kernels.Of(dev, []float64{1, 2, 3}, 3), Grad: dev.New(kernels.Float64, 3)}
		losses := make([]*Var, 3)
		tp.Shards(3, func(i int) {
			x := tp.Param(p)
			record := func() {
				for block := range 4 {
					tp.Block(block)
					for range 1 + i {
						x = negate(tp, x) // shards may have different ops between two meetings
					}
					if block != 2 { // a block in which they do not meet
						x = meetAll(tp, x, &order, block)
					}
					x = square(tp, x)
				}
			}
			if blocks {
				tp.Blocks(record)
			} else {
				record()
			}
			losses[i] = total(tp, x)
		})
		program := tp.Compile(arena, addVars(tp, addVars(tp, losses[0], losses[1]), losses[2]))
		for range 2 {
			order = nil
			program.Run()
			for _, part := range p.Parts {
				gradients = append(gradients, kernels.Data[float64](part)...)
			}
		}
		checkPlan(t, program.plan)
		return gradients, order
	}
	want, once := run(false)
	got, twice := run(true)
	if !slices.Equal(once, []int{0, 1, 3}) || !slices.Equal(twice, []int{0, 1, 3, 3, 1, 0}) {
		t.Errorf("the shards met in the order %v without blocks, and %v with", once, twice)
	}
	if !slices.Equal(got, want) || slices.Max(got) == 0 {
		t.Errorf("gradients %v, want %v", got, want)
	}
}

// TestShardsMustMeet: a shard that does not meet the others is a bug, and so is a meeting of none.
func TestShardsMustMeet(t *testing.T) {
	panics := func(f func(tp *Tape)) (text string) {
		defer func() { text, _ = recover().(string) }()
		f(New(kernels.CPU(), kernels.Float64, true))
		return ""
	}
	var order []int
	for want, f := range map[string]func(*Tape){
		"some shards meet": func(tp *Tape) {
			tp.Shards(2, func(i int) {
				if x := tp.New(3); i == 0 {
					meetAll(tp, x, &order, 1)
				}
			})
		},
		"Meet outside of Shards": func(tp *Tape) { meetAll(tp, tp.New(3), &order, 1) },
		"Shards within Shards":   func(tp *Tape) { tp.Shards(1, func(int) { tp.Shards(1, func(int) {}) }) },
		"different blocks": func(tp *Tape) {
			tp.Shards(2, func(i int) {
				x := tp.New(3)
				tp.Blocks(func() {
					for block := range 1 + i {
						tp.Block(block)
						x = negate(tp, x)
					}
					meetAll(tp, x, &order, 1)
				})
			})
		},
		"within Again": func(tp *Tape) {
			tp.Shards(1, func(int) { tp.Again(func() { meetAll(tp, tp.New(3), &order, 1) }) })
		},
	} {
		if got := panics(f); !strings.Contains(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
