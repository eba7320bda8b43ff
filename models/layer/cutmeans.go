package layer

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/cluster"
	"udml-gpu/kernels/join"
	"udml-gpu/kernels/loss"
	"udml-gpu/models/tape"
)

// What is computed of each cluster, as a decoder does, is shared out like the images of a batch: the slots are cut into shards of their own
// (SlotCut), and each rank computes those of its shards. Rows of any slot lie in any shard of images, so that what goes from images to
// slots is a sum over the shards of images, and what goes back is gathered.

// SlotCut cuts the slots of k into the shards of c. The layers that are recorded in one of them (Scope.InShard) count each slot as often as
// it has members.
func SlotCut(s *Scope, c *Cut, k Clusters) *Cut {
	slots := NewCut(c.Group, k.Count.Dim(0))
	slots.weight = Weights(s, k)
	return slots
}

// OwnWeights are the weights of the slots of this rank's shards [n], for Norm.Weight. A shard without slots has one blank slot, as in
// ShardMeans, of weight 0.
func OwnWeights(s *Scope, slots *Cut) []*tape.Var {
	own := slots.parts(s)
	s.Tape.Apply(tape.Op{
		Name: "member counts of shards", In: []*tape.Var{slots.weight}, Out: own,
		Forward: func() {
			for i := range own {
				slots.takeRows(i, own[i].Value(), slots.weight.Value())
			}
		},
	})
	return own
}

// parts are vars [n,shape...] for the rows of the shards of this rank, with one row for a shard without any.
func (c *Cut) parts(s *Scope, shape ...int) []*tape.Var {
	first, last := c.Group.Own()
	list := make([]*tape.Var, last-first)
	for i := range list {
		lo, hi := c.Shown(i)
		list[i] = s.Tape.New(append([]int{hi - lo}, shape...)...)
	}
	return list
}

// takeRows copies the rows of this rank's shard number i from those of all; a blank one becomes 0.
func (c *Cut) takeRows(i int, part, all *kernels.Array) {
	if first, last := c.Own(i); first < last {
		part.CopyFrom(all.Rows(first, last))
		return
	}
	part.Zero()
}

// slotsOf are the slots of the rows of each shard of this rank, in their order there; nil for one without images.
func slotsOf(s *Scope, c *Cut, slot *tape.Var) []*tape.Var {
	first, last := c.Group.Own()
	list := make([]*tape.Var, last-first)
	c.each(func(i, first, last int) { list[i] = TakeImages(s, slot, c.Batch(), first, last) })
	return list
}

// valuesOf are the arrays of the vars, nil for nil.
func valuesOf(vars []*tape.Var) []*kernels.Array {
	list := make([]*kernels.Array, len(vars))
	for i, v := range vars {
		if v != nil {
			list[i] = v.Value()
		}
	}
	return list
}

// present are the vars that are not nil.
func present(vars ...*tape.Var) (list []*tape.Var) {
	for _, v := range vars {
		if v != nil {
			list = append(list, v)
		}
	}
	return list
}

// pieces are vars of that shape for the shards of this rank that have images, nil for the others.
func (c *Cut) pieces(s *Scope, shape ...int) []*tape.Var {
	first, last := c.Group.Own()
	list := make([]*tape.Var, last-first)
	c.each(func(i, _, _ int) { list[i] = s.Tape.New(shape...) })
	return list
}

// ShardMeans is Means of the rows of all shards: xs are those of this rank's shards, [V n,...] each. It gives the means of the slots of
// this rank's shards of slots, [n,...] each; a shard without slots has a blank one, of zeros.
func ShardMeans(s *Scope, c, slots *Cut, xs []*tape.Var, k Clusters) []*tape.Var {
	per := xs[0].Shape()[1:]
	shape := append([]int{k.Count.Dim(0)}, per...)
	all, ofRows, sums, own := s.Tape.New(shape...), slotsOf(s, c, k.Slot), c.pieces(s, shape...), slots.parts(s, per...)
	adds := make([]int, len(xs))
	for i := range adds {
		adds[i] = i
	}
	s.Tape.Apply(tape.Op{
		Name: "cluster means of shards", In: append(append(xs[:len(xs):len(xs)], present(ofRows...)...), k.Count),
		Out: append(own[:len(own):len(own)], present(sums...)...), Saved: []*tape.Var{all},
		Reads: append(present(ofRows...), k.Count), Adds: adds,
		Forward: func() {
			c.each(func(i, _, _ int) {
				cluster.Means(flat(sums[i].Value()), flat(xs[i].Value()), ofRows[i].Value(), k.Count.Value())
			})
			c.Group.SumRows("add cluster means", slots.Bounds, all.Value(), valuesOf(sums), c.Live())
			for i, m := range own {
				slots.takeRows(i, m.Value(), all.Value())
			}
		},
		Backward: func(b *tape.Back) { // all then holds the gradients of all slots
			slots.each(func(i, first, last int) { all.Value().Rows(first, last).CopyFrom(own[i].Grad()) })
			c.Group.GatherShards("gather gradients of cluster means", slots.Bounds, all.Value())
			for i := range xs {
				switch d := b.Grad(i); {
				case d == nil:
				case ofRows[i] != nil:
					cluster.MeansBackward(flat(d), flat(all.Value()), ofRows[i].Value(), k.Count.Value(), b.Add(i))
				case !b.Add(i):
					d.Zero()
				}
			}
		},
	})
	return own
}

// ShardReconstruction is Reconstruction of the targets of all shards: targets are those of this rank's shards of images, [V n,H,W,C] each,
// and decoded what its shards of slots have decoded, [n,H,W,C] each.
func ShardReconstruction(s *Scope, c, slots *Cut, decoded, targets []*tape.Var, k Clusters) *tape.Var {
	t, per := s.Tape, decoded[0].Shape()[1:]
	shape := append([]int{k.Count.Dim(0)}, per...)
	l, all, own := t.New(1), t.New(shape...), slots.parts(s, per...)
	ofRows, losses, grads := slotsOf(s, c, k.Slot), c.pieces(s, 1), c.pieces(s, shape...)
	in := append(append(decoded[:len(decoded):len(decoded)], k.Count), present(ofRows...)...)
	t.Apply(tape.Op{
		Name: "reconstruction loss of shards", In: append(in, targets...),
		Out: append(append([]*tape.Var{l, all}, present(losses...)...), present(grads...)...), Saved: own,
		Forward: func() {
			slots.each(func(i, first, last int) { all.Value().Rows(first, last).CopyFrom(decoded[i].Value()) })
			c.Group.GatherShards("gather the decoded", slots.Bounds, all.Value())
			c.each(func(i, _, _ int) {
				loss.ReconstructionPart(losses[i].Value(), grads[i].Value(), all.Value(), targets[i].Value(), ofRows[i].Value(),
					k.Count.Value(), k.Slot.Dim(0))
			})
			c.Group.Sum("add reconstruction losses", l.Value(), valuesOf(losses), c.Live())
			c.Group.SumRows("add gradients of the decoded", slots.Bounds, all.Value(), valuesOf(grads), c.Live())
			for i, g := range own {
				slots.takeRows(i, g.Value(), all.Value())
			}
		},
		Backward: func(b *tape.Back) {
			for i, g := range own {
				join.Scale(b.Grad(i), g.Value(), l.Grad())
			}
		},
	})
	return l
}
