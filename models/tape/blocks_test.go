package tape

import (
	"slices"
	"testing"

	"udml-gpu/kernels"
)

// TestBlocksGiveTheSame: a step in blocks, which lie within Again or not, gives the bytes of a step that keeps everything. No op runs more
// than three times, and none of the last block more than twice.
func TestBlocksGiveTheSame(t *testing.T) {
	step := func(blocks, again bool) (results []float64, counts []int, bytes int) {
		dev := kernels.CPU()
		tp, arena := New(dev, kernels.Float64, true), NewArena(dev)
		arena.Poison()
		loss, ran := inBlocks(tp, 8, blocks, again), make([]int, len(tp.ops))
		for i, op := range tp.ops {
			forward := op.Forward
			op.Forward = func() { ran[i]++; forward() }
		}
		p := tp.Compile(arena, loss)
		p.Run()
		checkPlan(t, p.plan)
		results = append(results, values(loss)...)
		for key := range tp.params {
			results = append(results, kernels.Data[float64](key.param.Grad)...)
		}
		return results, ran, p.Bytes()
	}
	want, _, whole := step(false, false)
	for _, again := range []bool{false, true} {
		got, counts, bytes := step(true, again)
		if !slices.Equal(got, want) {
			t.Errorf("within Again %v: %v, want %v", again, got, want)
		}
		first, last := 2, 2
		if again {
			first = 3
		}
		// a block is three ops of which the last, a product, is not needed again but for the next block; then come the sum and the loss
		if n := len(counts); slices.Max(counts[:n-4]) != first || slices.Max(counts[n-4:]) != last || 2*bytes > whole {
			t.Errorf("within Again %v: ops ran %v, in %d of %d bytes", again, counts, bytes, whole)
		}
	}
}

// inBlocks records a line of so many blocks of squares, negatives and products, which are told apart or not, and its loss.
func inBlocks(t *Tape, n int, blocks, again bool) *Var {
	p := &Param{Name: "p", Value: kernels.Of(t.dev, []float64{7, 8, 9}, 3), Grad: t.dev.New(kernels.Float64, 3)}
	x := t.Param(p)
	line := func() {
		for i := range n {
			t.Block(n - i)
			x = product(t, negate(t, square(t, x)))
			t.Block(n - i) // by another layer of the same block
		}
	}
	recorded := line
	if blocks {
		recorded = func() { t.Blocks(line) }
	}
	if again {
		t.Again(recorded)
	} else {
		recorded()
	}
	return total(t, x)
}

// TestBlocksCommitOnce: the effects of a step come once for each op.
func TestBlocksCommitOnce(t *testing.T) {
	dev := kernels.CPU()
	tp := New(dev, kernels.Float64, true)
	loss, commits := inBlocks(tp, 4, true, true), 0
	for _, op := range tp.ops {
		op.Commit = func(*kernels.Array) { commits++ }
	}
	program := tp.Compile(NewArena(dev), loss)
	program.Run()
	program.Commit(nil)
	if commits != len(tp.ops) {
		t.Errorf("%d commits of %d ops", commits, len(tp.ops))
	}
}

func TestBlocksWithinBlocks(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	tp := New(kernels.CPU(), kernels.Float64, true)
	tp.Blocks(func() { tp.Blocks(func() {}) })
}
