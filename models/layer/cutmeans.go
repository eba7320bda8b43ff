package layer

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/cluster"
	"udml-gpu/kernels/join"
	"udml-gpu/kernels/loss"
	"udml-gpu/models/tape"
)

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

// ShardMeans is Means of the rows of all shards: xs are those of this rank's shards, [V n,...] each.
func ShardMeans(s *Scope, c *Cut, xs []*tape.Var, k Clusters) *tape.Var {
	shape := append([]int{k.Count.Dim(0)}, xs[0].Shape()[1:]...)
	r, slots, parts := s.Tape.New(shape...), slotsOf(s, c, k.Slot), c.pieces(s, shape...)
	adds := make([]int, len(xs))
	for i := range adds {
		adds[i] = i
	}
	s.Tape.Apply(tape.Op{
		Name: "cluster means of shards", In: append(append(xs[:len(xs):len(xs)], present(slots...)...), k.Count),
		Out: append([]*tape.Var{r}, present(parts...)...), Reads: append(present(slots...), k.Count), Adds: adds,
		Forward: func() {
			c.each(func(i, _, _ int) {
				cluster.Means(flat(parts[i].Value()), flat(xs[i].Value()), slots[i].Value(), k.Count.Value())
			})
			c.Group.Sum("add cluster means", r.Value(), valuesOf(parts), c.Live())
		},
		Backward: func(b *tape.Back) {
			for i := range xs {
				switch d := b.Grad(i); {
				case d == nil:
				case slots[i] != nil:
					cluster.MeansBackward(flat(d), flat(r.Grad()), slots[i].Value(), k.Count.Value(), b.Add(i))
				case !b.Add(i):
					d.Zero()
				}
			}
		},
	})
	return r
}

// ShardReconstruction is Reconstruction of the targets of all shards: targets are those of this rank's shards, [V n,H,W,C] each.
func ShardReconstruction(s *Scope, c *Cut, decoded *tape.Var, targets []*tape.Var, k Clusters) *tape.Var {
	t := s.Tape
	l, grad := t.New(1), t.New(decoded.Shape()...)
	slots, losses, grads := slotsOf(s, c, k.Slot), c.pieces(s, 1), c.pieces(s, decoded.Shape()...)
	in := append([]*tape.Var{decoded, k.Count}, present(slots...)...)
	t.Apply(tape.Op{
		Name: "reconstruction loss of shards", In: append(in, targets...),
		Out:   append(append([]*tape.Var{l}, present(losses...)...), present(grads...)...),
		Saved: []*tape.Var{grad},
		Forward: func() {
			c.each(func(i, _, _ int) {
				loss.ReconstructionPart(losses[i].Value(), grads[i].Value(), decoded.Value(), targets[i].Value(), slots[i].Value(),
					k.Count.Value(), k.Slot.Dim(0))
			})
			c.Group.Sum("add reconstruction losses", l.Value(), valuesOf(losses), c.Live())
			c.Group.Sum("add gradients of the decoded", grad.Value(), valuesOf(grads), c.Live())
		},
		Backward: func(b *tape.Back) { join.Scale(b.Grad(0), grad.Value(), l.Grad()) },
	})
	return l
}
