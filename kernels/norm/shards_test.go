package norm

import (
	"fmt"

	"udml-gpu/kernels"
	"udml-gpu/kernels/join"
	"udml-gpu/kernels/optest"
)

// shardCase is a batch that is cut along its first axis into shards of so many images.
type shardCase struct {
	bnCase
	cuts []int
}

func (c shardCase) String() string { return fmt.Sprint(c.bnCase, " cut ", c.cuts) }

// shardCases are one shard and several, uneven and empty ones, the first and the last among them, shards of one row, shards around a
// chunk, a mean that is 10,000 deviations from 0, and images that count several times or not at all, also all those of a shard.
var shardCases = []shardCase{
	{bnCase{shape: []int{2, 1}}, []int{2}},
	{bnCase{shape: []int{2, 3}}, []int{1, 1}},
	{bnCase{shape: []int{5, 7}, relu: true}, []int{2, 3}},
	{bnCase{shape: []int{7, 4}}, []int{0, 3, 4}},
	{bnCase{shape: []int{2*chunkRows + 44, 5}, relu: true}, []int{chunkRows, chunkRows + 1, 43}},
	{bnCase{shape: []int{9, 3, 5, 12}, offset: 1000, relu: true}, []int{1, 0, 4, 3, 1}},
	{bnCase{shape: []int{6, 20, 20, 33}, offset: -30, relu: true}, []int{2, 2, 2}},
	{bnCase{shape: []int{4, 24, 24, 8}, offset: 14400}, []int{1, 3, 0}},
	{bnCase{shape: []int{37, 3}}, []int{16: 5, 1, 0, 2, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 6, 3, 4, 3, 0}},
	{bnCase{shape: []int{7, 4}, weight: []float64{2, 0, 5, 0, 0, 4, 1}, relu: true}, []int{3, 2, 2}},
	{bnCase{shape: []int{6, 20, 20, 33}, weight: []float64{0, 12, 3, 0, 8, 2}, relu: true, offset: -30}, []int{1, 0, 3, 2}},
	{
		bnCase{shape: []int{18, 3, 5}, weight: []float64{0: 4, 3: 2, 15: 6, 16: 3, 17: 5}},
		[]int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 1},
	},
	{bnCase{shape: []int{3, 5}, weight: []float64{0, 0, 0}}, []int{2, 1}},
	{bnCase{shape: []int{17, 260}, relu: true}, []int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
	{bnCase{shape: []int{0, 3}}, []int{0, 0}},
}

// sharded are the arrays of a batch norm and of its gradients, as wholes; nil ones are not wanted.
type sharded struct {
	cuts              []int
	relu              bool
	y, x, gamma, beta *kernels.Array
	weight            *kernels.Array // nil: none
	s                 Stats
	m, sums           *kernels.Array // [S,2,C]
	dx, dgamma, dbeta *kernels.Array
	dy                *kernels.Array
}

// newSharded has all arrays of a case, the gradients poisoned.
func newSharded(b *bn, cuts []int) *sharded {
	ch := b.gamma.Len()
	empty := func(shape ...int) *kernels.Array { return optest.Poisoned(b.dev, b.dt, shape...) }
	moments := func() *kernels.Array { return optest.Poisoned(b.dev, kernels.Float64, len(cuts), 2, ch) }
	return &sharded{
		cuts: cuts, relu: b.relu, y: empty(b.shape...), x: b.x, weight: b.weights, gamma: b.gamma, beta: b.beta,
		s: Stats{empty(ch), empty(ch)},
		m: moments(), sums: moments(), dx: empty(b.shape...), dgamma: empty(ch), dbeta: empty(ch),
		dy: optest.Uniform(b.dev, b.dt, 4, -1, 1, b.shape...),
	}
}

// each calls f for every shard with its images [lo, hi).
func (h *sharded) each(f func(i, lo, hi int)) {
	lo := 0
	for i, n := range h.cuts {
		f(i, lo, lo+n)
		lo += n
	}
}

// of is shard i's part of m or sums.
func (h *sharded) of(a *kernels.Array, i int) *kernels.Array {
	n := 2 * h.gamma.Len()
	return a.View(i*n, 2, h.gamma.Len())
}

// own are the weights of the images [lo, hi), nil where there are none.
func (h *sharded) own(lo, hi int) *kernels.Array {
	if h.weight == nil {
		return nil
	}
	return h.weight.Rows(lo, hi)
}

// rows are the shards' numbers of rows, and their sum.
func (h *sharded) rows() (each []int, all int) {
	per := 1
	for _, n := range h.x.Shape()[1 : len(h.x.Shape())-1] {
		per *= n
	}
	for _, n := range h.cuts {
		each = append(each, n*per)
		all += n * per
	}
	return each, all
}

func (h *sharded) forward() {
	rows, _ := h.rows()
	h.each(func(i, lo, hi int) { BatchMoments(h.of(h.m, i), h.x.Rows(lo, hi), h.own(lo, hi)) })
	JoinMoments(h.s, h.m, rows, h.weight, eps)
	h.each(func(_, lo, hi int) { BatchNormApply(h.y.Rows(lo, hi), h.x.Rows(lo, hi), h.gamma, h.beta, h.s, h.relu) })
}

// backward adds the shards' sums in a tree.
func (h *sharded) backward() {
	var gate *kernels.Array
	if h.relu {
		gate = h.beta
	}
	h.each(func(i, lo, hi int) {
		BatchNormSums(h.of(h.sums, i), h.dy.Rows(lo, hi), h.x.Rows(lo, hi), h.gamma, gate, h.s)
	})
	for step := 1; step < len(h.cuts); step *= 2 {
		for i := 0; i+step < len(h.cuts); i += 2 * step {
			join.AddTo(h.of(h.sums, i), h.of(h.sums, i+step))
		}
	}
	total := h.of(h.sums, 0)
	_, rows := h.rows()
	BatchNormParameters(h.dgamma, nil, total)
	BatchNormParameters(nil, h.dbeta, total)
	h.each(func(_, lo, hi int) {
		BatchNormInput(h.dx.Rows(lo, hi), h.dy.Rows(lo, hi), h.x.Rows(lo, hi), h.gamma, gate, h.own(lo, hi), h.s, total, h.weight, rows)
	})
}
