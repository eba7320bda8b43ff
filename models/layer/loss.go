package layer

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/join"
	"udml-gpu/kernels/loss"
	"udml-gpu/models/tape"
)

// Rim is L_rim of logits [N,K] and its two entropies (mean of the rows', and of the mean row), both over log K.
func Rim(s *Scope, logits *tape.Var, mu float64) (l, entropies *tape.Var) {
	t := s.Tape
	l, entropies = t.New(1), t.New(2)
	grad := t.New(logits.Shape()...)
	t.Apply(tape.Op{
		Name: "rim loss", In: []*tape.Var{logits}, Out: []*tape.Var{l, entropies}, Saved: []*tape.Var{grad},
		Forward:  func() { loss.Rim(l.Value(), entropies.Value(), grad.Value(), logits.Value(), mu) },
		Backward: func(b *tape.Back) { join.Scale(b.Grad(0), grad.Value(), l.Grad()) },
	})
	return l, entropies
}

// Metric is L_m of embeddings f [2B,D] against centroids c [S,D], which are constants.
func Metric(s *Scope, f, c *tape.Var, k Clusters, temperature, alpha float64) *tape.Var {
	t := s.Tape
	l, grad := t.New(1), t.New(f.Shape()...)
	t.Apply(tape.Op{
		Name: "metric loss", In: []*tape.Var{f, t.Detach(c), k.Slot, k.Count}, Out: []*tape.Var{l}, Saved: []*tape.Var{grad},
		Forward: func() {
			loss.Metric(l.Value(), grad.Value(), f.Value(), c.Value(), k.Slot.Value(), k.Count.Value(), temperature, alpha)
		},
		Backward: func(b *tape.Back) { join.Scale(b.Grad(0), grad.Value(), l.Grad()) },
	})
	return l
}

// Reconstruction is L_rec: the mean squared error of decoded centroids [S,H,W,C] against target images [2B,H,W,C].
func Reconstruction(s *Scope, decoded, target *tape.Var, k Clusters) *tape.Var {
	t := s.Tape
	l, grad := t.New(1), t.New(decoded.Shape()...)
	t.Apply(tape.Op{
		Name: "reconstruction loss", In: []*tape.Var{decoded, target, k.Slot, k.Count}, Out: []*tape.Var{l}, Saved: []*tape.Var{grad},
		Forward: func() {
			loss.Reconstruction(l.Value(), grad.Value(), decoded.Value(), target.Value(), k.Slot.Value(), k.Count.Value())
		},
		Backward: func(b *tape.Back) { join.Scale(b.Grad(0), grad.Value(), l.Grad()) },
	})
	return l
}

// WeightedSum is sum_i weights[i] terms[i], each term of shape [1].
func WeightedSum(s *Scope, terms []*tape.Var, weights []float64) *tape.Var {
	t := s.Tape
	total := t.New(1)
	t.Apply(tape.Op{
		Name: "weighted sum", In: terms, Out: []*tape.Var{total},
		Forward: func() {
			total.Value().Zero()
			for i, x := range terms {
				join.AddScaled(total.Value(), x.Value(), weights[i])
			}
		},
		Backward: func(b *tape.Back) {
			for i := range terms {
				g := b.Grad(i)
				if g == nil {
					continue
				}
				g.Zero()
				join.AddScaled(g, total.Grad(), weights[i])
			}
		},
	})
	return total
}

// Scalar reads element i of a var after a run. It waits for the device.
func Scalar(v *tape.Var, i int) float64 {
	one := v.Value().View(i, 1)
	if one.DType() == kernels.Float64 {
		return kernels.Read[float64](one)[0]
	}
	return float64(kernels.Read[float32](one)[0])
}
