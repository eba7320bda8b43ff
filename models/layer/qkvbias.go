package layer

import (
	"udml-gpu/kernels"
	"udml-gpu/models/tape"
)

// QKVBias is the bias [3D] of a linear layer that makes queries, keys and values side by side, of which the keys have none: q [D], zeros,
// v [D].
func QKVBias(s *Scope, q, v *tape.Var) *tape.Var {
	d := q.Dim(0)
	y := s.Tape.New(3 * d)
	of := func(a *kernels.Array, part int) *kernels.Array { return a.View(part*d, d) }
	s.Tape.Apply(tape.Op{
		Name: "bias of queries and values", In: []*tape.Var{q, v}, Out: []*tape.Var{y},
		Forward: func() {
			of(y.Value(), 0).CopyFrom(q.Value())
			of(y.Value(), 1).Zero()
			of(y.Value(), 2).CopyFrom(v.Value())
		},
		Backward: func(b *tape.Back) {
			for i, part := range []int{0, 2} {
				if d := b.Grad(i); d != nil {
					d.CopyFrom(of(y.Grad(), part))
				}
			}
		},
	})
	return y
}
