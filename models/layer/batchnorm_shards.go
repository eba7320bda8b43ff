package layer

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/norm"
	"udml-gpu/models/tape"
)

// shardNorm is a batch norm in training whose statistics are those of all shards of a batch, on all ranks (PyTorch's SyncBatchNorm), as
// one shard records it:
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
	rows     []int     // of each shard
}

// shardNorm records it.
func (p *batchNorm) inShard(s *Scope, name string) {
	t, c := s.Tape, p.gamma.Dim(0)
	n := &shardNorm{
		batchNorm: p, cut: s.lane.cut, y1: t.New(p.x.Shape()...), m: t.NewOf(kernels.Float64, 2, c), total: t.NewOf(kernels.Float64, 2, c),
	}
	first, last := n.cut.Shown(s.lane.own)
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
	return tape.Op{
		Name: "batch norm moments", Of: name, In: []*tape.Var{n.x}, Out: []*tape.Var{n.y1, n.m}, Reads: reads,
		InPlace: true, GradInPlace: true,
		Forward: func() {
			n.y1.Value().CopyFrom(n.x.Value())
			norm.BatchMoments(n.m.Value(), n.x.Value())
		},
		Backward: func(b *tape.Back) {
			norm.BatchNormInput(b.Grad(0), n.y1.Grad(), n.y1.Value(), n.gamma.Value(), n.gate(), n.stats(), n.m.Grad(), n.allRows())
		},
	}
}

// gate is what tells where ReLU let a row through; nil without one.
func (n *shardNorm) gate() *kernels.Array {
	if n.n.ReLU {
		return n.beta.Value()
	}
	return nil
}

func (n *shardNorm) allRows() int {
	all := 0
	for _, r := range n.rows {
		all += r
	}
	return all
}

// join makes the op of all shards of this rank: in are their m, out their total, mean and inv.
func (n *shardNorm) join(name string) func(in, out [][]*tape.Var) tape.Op {
	return func(in, out [][]*tape.Var) tape.Op {
		t, c := n.tape, n.gamma.Dim(0)
		first, _ := n.cut.Group.Own()
		all := t.NewOf(kernels.Float64, len(n.rows), 2, c) // of all shards: lives while the op runs
		sums := make([]*kernels.Array, len(in))
		return tape.Op{
			Name: "batch norm of shards", Of: name, Saved: []*tape.Var{n.batchMean, n.batchInv, all},
			Forward: func() {
				moments := make([]*kernels.Array, len(n.rows))
				for s := range moments {
					moments[s] = all.Value().Rows(s, s+1)
					if at := s - first; at >= 0 && at < len(in) {
						moments[s].CopyFrom(in[at][0].Value())
					}
				}
				n.cut.Group.Gather("gather batch norm moments", moments)
				norm.JoinMoments(n.stats(), all.Value(), n.rows, n.n.Eps)
				for _, v := range out[1:] {
					v[1].Value().CopyFrom(n.batchMean.Value())
					v[2].Value().CopyFrom(n.batchInv.Value())
				}
			},
			Backward: func(b *tape.Back) {
				for i, v := range out {
					sums[i] = v[0].Grad()
				}
				total := b.Grad(0)
				n.cut.Group.Sum("add batch norm sums", total, sums, n.cut.Live())
				for i := range in[1:] {
					b.Grad(i + 1).CopyFrom(total)
				}
			},
			Commit: func(skip *kernels.Array) {
				norm.BatchNormRunning(n.mean.Value, n.vari.Value, n.stats(), nil, n.allRows(), n.n.Eps, batchNormMomentum, skip)
			},
		}
	}
}

func (n *shardNorm) apply(name string) tape.Op {
	return tape.Op{
		Name: "batch norm apply", Of: name, In: []*tape.Var{n.y1, n.total, n.gamma, n.beta, n.tape.Detach(n.batchMean), n.tape.Detach(n.batchInv)},
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
