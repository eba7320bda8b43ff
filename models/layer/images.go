package layer

import (
	"fmt"

	"udml-gpu/kernels"
	"udml-gpu/models/tape"
)

// TakeImages is the rows of images first to last-1 of a batch: x [V B,...], the rows of B images in V views, view by view, gives
// [V (last-first),...] in the same order. x is an input: no gradient flows into it.
func TakeImages(s *Scope, x *tape.Var, batch, first, last int) *tape.Var {
	views, n := viewsIn("TakeImages", x, batch), last-first
	y := s.Tape.NewOf(x.DType(), withRows(x, views*n)...)
	s.Tape.Apply(tape.Op{
		Name: "take images", In: []*tape.Var{x}, Out: []*tape.Var{y},
		Forward: func() {
			for v := range views {
				y.Value().Rows(v*n, (v+1)*n).CopyFrom(x.Value().Rows(v*batch+first, v*batch+last))
			}
		},
	})
	return y
}

// JoinImages puts parts of a batch together: part i, [V n_i,...], holds the rows of the next n_i images in V views, view by view, and
// the result [V B,...] those of all B images: TakeImages backwards.
func JoinImages(s *Scope, views int, parts ...*tape.Var) *tape.Var {
	batch := 0
	for _, p := range parts {
		batch += p.Dim(0) / views
	}
	y := s.Tape.NewOf(parts[0].DType(), withRows(parts[0], views*batch)...)
	// each calls f with the rows of a view in a part, and with the same rows in the array of all.
	each := func(i, at int, part, all *kernels.Array, f func(part, all *kernels.Array)) {
		n := parts[i].Dim(0) / views
		for v := range views {
			f(part.Rows(v*n, (v+1)*n), all.Rows(v*batch+at, v*batch+at+n))
		}
	}
	s.Tape.Apply(tape.Op{
		Name: "join images", In: parts, Out: []*tape.Var{y},
		Forward: func() {
			at := 0
			for i, p := range parts {
				each(i, at, p.Value(), y.Value(), func(part, all *kernels.Array) { all.CopyFrom(part) })
				at += p.Dim(0) / views
			}
		},
		Backward: func(b *tape.Back) {
			at := 0
			for i, p := range parts {
				if d := b.Grad(i); d != nil {
					each(i, at, d, y.Grad(), func(part, all *kernels.Array) { part.CopyFrom(all) })
				}
				at += p.Dim(0) / views
			}
		},
	})
	return y
}

// viewsIn is how many views of a batch x [V B,...] has.
func viewsIn(op string, x *tape.Var, batch int) int {
	if batch < 1 || x.Dim(0)%batch != 0 {
		panic(fmt.Sprintf("layer.%s: %v is not a number of views of %d images", op, x, batch))
	}
	return x.Dim(0) / batch
}

// withRows is the shape of x with n rows.
func withRows(x *tape.Var, n int) []int { return append([]int{n}, x.Shape()[1:]...) }
