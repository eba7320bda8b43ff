package layer

import (
	"math"

	"udml-gpu/kernels"
	"udml-gpu/kernels/gemm"
	"udml-gpu/kernels/loss"
	"udml-gpu/models/tape"
)

// Memory are the products of embeddings f [V B,D] with the rows of a memory bank of so many images: [V B,images]. The bank is a buffer
// name.bank [images,D], a constant for the gradient. When the step is committed, the rows of samples [V B], the images that f shows, move
// towards f and keep that share of what they were (loss.Memory). The first values are uniform, of a length near 1.
func Memory(s *Scope, name string, f, samples *tape.Var, views, images int, keep float64) *tape.Var {
	in, t, d := s.In(name), s.Tape, f.Dim(1)
	bank := in.param("bank", false, in.uniform("bank", math.Sqrt(3/float64(max(1, d)))), images, d)
	v, y := t.Param(bank), t.New(f.Dim(0), images)
	t.Apply(tape.Op{
		Name: "memory", Of: in.prefix, In: []*tape.Var{f, v, samples}, Out: []*tape.Var{y},
		Saved:    []*tape.Var{f}, // the bank takes it when the step is committed
		Forward:  func() { gemm.Gemm(y.Value(), f.Value(), v.Value(), false, true, 1, 0) },
		Backward: func(b *tape.Back) { gemm.Gemm(b.Grad(0), y.Grad(), v.Value(), false, false, 1, 0) },
		Commit: func(skip *kernels.Array) {
			loss.Memory(bank.Value, f.Value(), samples.Value(), skip, views, keep)
		},
	})
	return y
}
