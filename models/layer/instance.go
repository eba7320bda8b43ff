package layer

import (
	"udml-gpu/kernels/join"
	"udml-gpu/kernels/loss"
	"udml-gpu/models/tape"
)

// Instance is the loss of instance discrimination of embeddings f [V B,D] of a batch of B images in V views, view by view (loss.Instance):
// each row of the first two views against all other rows of those, which are constants on that side, and each row of another view in the
// place of either of its image's two. All comparisons of a row with its image in another view count alike.
func Instance(s *Scope, f *tape.Var, batch int, temperature, alpha float64) *tape.Var {
	t, keys := s.Tape, s.Tape.Detach(f)
	x := queries(s, f, batch)
	l, grad := t.New(1), t.New(x.Shape()...)
	t.Apply(tape.Op{
		Name: "instance loss", In: []*tape.Var{x, keys}, Out: []*tape.Var{l}, Saved: []*tape.Var{grad},
		Forward: func() {
			loss.Instance(l.Value(), grad.Value(), x.Value(), keys.Value().Rows(0, 2*batch), temperature, alpha)
		},
		Backward: func(b *tape.Back) { join.Scale(b.Grad(0), grad.Value(), l.Grad()) },
	})
	return l
}

// queries are the rows of the first two views in f [V B,D], and those of each other view twice: [(V-1) 2B,D].
func queries(s *Scope, f *tape.Var, batch int) *tape.Var {
	views := viewsIn("Instance", f, batch)
	if views == 2 {
		return f
	}
	x := s.Tape.New((views-1)*2*batch, f.Dim(1))
	s.Tape.Apply(tape.Op{
		Name: "queries of views", In: []*tape.Var{f}, Out: []*tape.Var{x},
		Forward: func() {
			x.Value().Rows(0, 2*batch).CopyFrom(f.Value().Rows(0, 2*batch))
			for v := 2; v < views; v++ {
				row := f.Value().Rows(v*batch, (v+1)*batch)
				x.Value().Rows((2*v-2)*batch, (2*v-1)*batch).CopyFrom(row)
				x.Value().Rows((2*v-1)*batch, 2*v*batch).CopyFrom(row)
			}
		},
		Backward: func(b *tape.Back) {
			df, dx := b.Grad(0), x.Grad()
			df.Rows(0, 2*batch).CopyFrom(dx.Rows(0, 2*batch))
			for v := 2; v < views; v++ {
				join.Add(df.Rows(v*batch, (v+1)*batch), dx.Rows((2*v-2)*batch, (2*v-1)*batch), dx.Rows((2*v-1)*batch, 2*v*batch))
			}
		},
	})
	return x
}
