package layer

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/norm"
	"udml-gpu/models/tape"
)

// shardNorm is a batch norm in training whose statistics are those of all shards of a batch, or of a block of them, on all ranks (PyTorch's
// SyncBatchNorm), as one shard records it. Rows may have weights (Cut.weight), which are then Norm.Weight in each shard:
//
//	moments    x -> y1, m      y1 is x; m are the mean and the squares of its rows
//	join       m -> total      with those of all shards: mean, inv
//	apply      y1, total -> y
//
// Backward apply leaves its rows' sums as the gradient of total, join adds up those of all shards, and moments makes the gradient of x.
type shardNorm struct {
	*batchNorm
	cut      *Cut
	y1       *tape.Var
	m, total *tape.Var // float64 [2,C]; of total only the gradient is used
	shard    int       // its number among all
	rows     []int     // of each shard
}

// inShard records it.
func (p *batchNorm) inShard(s *Scope, name string) {
	t, c := s.Tape, p.gamma.Dim(0)
	n := &shardNorm{
		batchNorm: p, cut: s.lane.cut, y1: t.NewOf(p.x.DType(), p.x.Shape()...),
		m: t.NewOf(kernels.Float64, 2, c), total: t.NewOf(kernels.Float64, 2, c),
	}
	first, last := n.cut.Shown(s.lane.own)
	before, _ := n.cut.Group.Own()
	n.shard = before + s.lane.own
	rows := 1
	for _, d := range p.x.Shape()[:len(p.x.Shape())-1] {
		rows *= d
	}
	for i, end := range n.cut.Bounds[1:] {
		n.rows = append(n.rows, (end-n.cut.Bounds[i])*(rows/(last-first)))
	}
	t.Apply(n.moments(name))
	t.Meet([]*tape.Var{n.m}, []*tape.Var{n.total, p.batchMean, p.batchInv}, n.join(name))
	t.Apply(n.apply(name))
}

func (n *shardNorm) moments(name string) tape.Op {
	reads := []*tape.Var{n.y1, n.gamma, n.batchMean, n.batchInv}
	if n.n.ReLU {
		reads = append(reads, n.beta)
	}
	reads = append(reads, n.weights()...)
	return tape.Op{
		Name: "batch norm moments", Of: name, In: append([]*tape.Var{n.x}, n.weights()...), Out: []*tape.Var{n.y1, n.m}, Reads: reads,
		InPlace: true, GradInPlace: true,
		Forward: func() {
			n.y1.Value().CopyFrom(n.x.Value())
			norm.BatchMoments(n.m.Value(), n.x.Value(), valueOf(n.n.Weight))
		},
		Backward: func(b *tape.Back) {
			norm.BatchNormInput(b.Grad(0), n.y1.Grad(), n.y1.Value(), n.gamma.Value(), n.gate(), valueOf(n.n.Weight),
				n.stats(), n.m.Grad(), valueOf(n.cut.weight), n.rowsOfBlock(n.cut.Blocks.Of(n.shard, len(n.rows))))
		},
	}
}

// weights are those of the shard's rows and of all; none where each counts once.
func (n *shardNorm) weights() []*tape.Var { return present(n.n.Weight, n.cut.weight) }

// gate is what tells where ReLU let a row through; nil without one.
func (n *shardNorm) gate() *kernels.Array {
	if n.n.ReLU {
		return n.beta.Value()
	}
	return nil
}

// join makes the op of all shards of this rank: in are their m, out their total, mean and inv. Shards of a block (Cut.Blocks) share
// statistics; the running ones are those of all.
func (n *shardNorm) join(name string) func(in, out [][]*tape.Var) tape.Op {
	return func(in, out [][]*tape.Var) tape.Op {
		c := n.gamma.Dim(0)
		j := joinNorms{n, in, out, n.tape.NewOf(kernels.Float64, len(n.rows), 2, c), n.tape.NewOf(kernels.Float64, len(n.rows), 2, c)}
		op := tape.Op{
			Name: "batch norm of shards", Of: name,
			Saved:   append([]*tape.Var{n.batchMean, n.batchInv, j.all, j.sums}, present(n.cut.weight)...),
			Forward: j.forward, Backward: j.backward, Commit: j.commit,
		}
		n.cut.moments = append(n.cut.moments, j.all)
		return op
	}
}

// joinNorms is the op in which the shards of a batch norm meet.
type joinNorms struct {
	*shardNorm
	in, out   [][]*tape.Var
	all, sums *tape.Var // float64 [S,2,C]: the moments, and in the backward pass the sums, of each shard
}

// own calls f for each shard of this rank: its number here and among all, and the shards [lo,hi) of its block.
func (j *joinNorms) own(f func(i, s, lo, hi int)) {
	g := j.cut.Group
	first, _ := g.Own()
	for i := range j.in {
		lo, hi := j.cut.Blocks.Of(first+i, g.Shards())
		f(i, first+i, lo, hi)
	}
}

func (j *joinNorms) forward() {
	moments := shardsOf(j.all.Value())
	j.own(func(i, s, _, _ int) { moments[s].CopyFrom(j.in[i][0].Value()) })
	j.cut.Group.GatherBlocks("gather batch norm moments", j.cut.Blocks, moments)
	before := -1 // the block whose statistics are in the vars of the shard before
	j.own(func(i, _, lo, hi int) {
		stats := norm.Stats{Mean: j.out[i][1].Value(), InvStd: j.out[i][2].Value()}
		if lo == before {
			stats.Mean.CopyFrom(j.out[i-1][1].Value())
			stats.InvStd.CopyFrom(j.out[i-1][2].Value())
			return
		}
		before = lo
		norm.JoinMoments(stats, j.all.Value(), j.rowsIn(lo, hi), valueOf(j.cut.weight), j.n.Eps)
	})
}

func (j *joinNorms) backward(b *tape.Back) {
	sums := shardsOf(j.sums.Value())
	j.own(func(i, s, _, _ int) { sums[s].CopyFrom(j.out[i][0].Grad()) })
	j.cut.Group.GatherBlocks("gather batch norm sums", j.cut.Blocks, sums)
	before := -1
	j.own(func(i, _, lo, hi int) {
		if lo == before {
			b.Grad(i).CopyFrom(b.Grad(i - 1))
			return
		}
		before = lo
		j.cut.Group.SumBlock(b.Grad(i), lo, hi, sums, j.cut.Live())
	})
}

// commit moves the running statistics towards those of all shards, whose moments Cut.Settle has gathered.
func (j *joinNorms) commit(skip *kernels.Array) {
	if j.cut.Blocks.Size > 0 {
		norm.JoinMoments(j.stats(), j.all.Value(), j.rows, valueOf(j.cut.weight), j.n.Eps)
	}
	l := norm.Running{
		Mean: j.mean.Value, Var: j.vari.Value, Stats: j.stats(), Weight: valueOf(j.cut.weight),
		Rows: j.rowsOfBlock(0, len(j.rows)), Eps: j.n.Eps,
	}
	norm.BatchNormRunning([]norm.Running{l}, batchNormMomentum, skip)
}

// rowsIn are the rows of the shards [lo,hi), and 0 for the others.
func (n *shardNorm) rowsIn(lo, hi int) []int {
	rows := make([]int, len(n.rows))
	copy(rows[lo:hi], n.rows[lo:hi])
	return rows
}

func (n *shardNorm) rowsOfBlock(lo, hi int) (all int) {
	for _, r := range n.rows[lo:hi] {
		all += r
	}
	return all
}

// shardsOf are the rows of an array [S,...].
func shardsOf(a *kernels.Array) []*kernels.Array {
	list := make([]*kernels.Array, a.Dim(0))
	for i := range list {
		list[i] = a.Rows(i, i+1)
	}
	return list
}

func (n *shardNorm) apply(name string) tape.Op {
	return tape.Op{
		Name: "batch norm apply", Of: name,
		In:  []*tape.Var{n.y1, n.total, n.gamma, n.beta, n.tape.Detach(n.batchMean), n.tape.Detach(n.batchInv)},
		Out: []*tape.Var{n.y}, Reads: []*tape.Var{n.y1, n.gamma, n.beta, n.batchMean, n.batchInv}, GradInPlace: true,
		Forward: func() {
			norm.BatchNormApply(n.y.Value(), n.y1.Value(), n.gamma.Value(), n.beta.Value(), n.stats(), n.n.ReLU)
		},
		Backward: n.parameters,
	}
}

// parameters leaves the sums over the rows of the shard, and the gradients of scale and shift, which are these; the gradient of y1 is
// that of y.
func (n *shardNorm) parameters(b *tape.Back) {
	dy, sums := n.y.Grad(), b.Grad(1)
	if sums == nil { // x needs no gradient
		sums = dy.Device().Scratch(kernels.Float64, 2, n.gamma.Dim(0))
		defer sums.Free()
	}
	norm.BatchNormSums(sums, dy, n.y1.Value(), n.gamma.Value(), n.gate(), n.stats())
	norm.BatchNormParameters(b.Grad(2), b.Grad(3), sums)
	if d := b.Grad(0); d != nil {
		d.CopyFrom(dy)
	}
}
