package layer

import (
	"math"

	"udml-gpu/kernels"
	"udml-gpu/kernels/gemm"
	"udml-gpu/kernels/loss"
	"udml-gpu/models/tape"
)

// MemorySpec says what a memory bank holds and what moves it.
type MemorySpec struct {
	Images int     // rows of the bank, one for each
	Batch  int     // images of a batch
	Views  int     // the first so many views move the bank
	Keep   float64 // share of its value that a row keeps for each of them
}

// Memory are the products of embeddings f [V B,D], in V views of B images, view by view, with the rows of a memory bank: [V B,Images]. The
// bank is a buffer name.bank [Images,D], a constant for the gradient. When the step is committed, the rows of samples [V B], the images
// that f shows, move towards the first views of f (loss.Memory). The first values are uniform, of a length near 1.
func Memory(s *Scope, name string, f, samples *tape.Var, spec MemorySpec) *tape.Var {
	in, t, d := s.In(name), s.Tape, f.Dim(1)
	bank := in.param("bank", false, in.uniform("bank", math.Sqrt(3/float64(max(1, d)))), spec.Images, d)
	v, y, moving := t.Param(bank), t.New(f.Dim(0), spec.Images), spec.Views*spec.Batch
	t.Apply(tape.Op{
		Name: "memory", Of: in.prefix, In: []*tape.Var{f, v, samples}, Out: []*tape.Var{y},
		Saved:    []*tape.Var{f}, // the bank takes it when the step is committed
		Forward:  func() { gemm.Gemm(y.Value(), f.Value(), v.Value(), false, true, 1, 0) },
		Backward: func(b *tape.Back) { gemm.Gemm(b.Grad(0), y.Grad(), v.Value(), false, false, 1, 0) },
		Commit: func(skip *kernels.Array) {
			loss.Memory(bank.Value, f.Value().Rows(0, moving), samples.Value().Rows(0, moving), skip, spec.Views, spec.Keep)
		},
	})
	return y
}
