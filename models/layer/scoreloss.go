package layer

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/join"
	"udml-gpu/kernels/loss"
	"udml-gpu/models/tape"
)

// CrossEntropy is the softmax cross entropy of scores [N,K] times scale (loss.CrossEntropy). target and class may be nil.
func CrossEntropy(s *Scope, scores, target, class *tape.Var, scale float64) *tape.Var {
	return scoreLoss(s, "cross entropy", scores, []*tape.Var{target, class}, func(l, ds, x *kernels.Array) {
		loss.CrossEntropy(l, ds, x, valueOf(target), valueOf(class), scale)
	})
}

// Triplet is the triplet loss of similarities [N,N] (loss.Triplet).
func Triplet(s *Scope, similarities, labels *tape.Var, margin float64) *tape.Var {
	return scoreLoss(s, "triplet loss", similarities, []*tape.Var{labels}, func(l, ds, x *kernels.Array) {
		loss.Triplet(l, ds, x, labels.Value(), margin)
	})
}

// Triplets is the loss of the triplets that the embeddings f [2B,D] are, with weights int32 [B] (loss.Triplets).
func Triplets(s *Scope, f, weights *tape.Var, margin float64) *tape.Var {
	return scoreLoss(s, "loss of triplets", f, []*tape.Var{weights}, func(l, df, x *kernels.Array) {
		loss.Triplets(l, df, x, weights.Value(), margin)
	})
}

// Contrastive is the contrastive loss of similarities [N,N] (loss.Contrastive).
func Contrastive(s *Scope, similarities, labels *tape.Var, margin float64) *tape.Var {
	return scoreLoss(s, "contrastive loss", similarities, []*tape.Var{labels}, func(l, ds, x *kernels.Array) {
		loss.Contrastive(l, ds, x, labels.Value(), margin)
	})
}

// Relaxed is the relaxed contrastive loss of squared distances [N,N] with weights [N,N] (loss.Relaxed).
func Relaxed(s *Scope, squares, weights *tape.Var, delta float64) *tape.Var {
	return scoreLoss(s, "relaxed contrastive loss", squares, []*tape.Var{weights}, func(l, dq, q *kernels.Array) {
		loss.Relaxed(l, dq, q, weights.Value(), delta)
	})
}

// Distill is the divergence of the relative distances of squares [N,N] from those of target [N,N], a constant (loss.Distill).
func Distill(s *Scope, squares, target *tape.Var) *tape.Var {
	target = s.Tape.Detach(target)
	return scoreLoss(s, "distillation", squares, []*tape.Var{target}, func(l, dq, q *kernels.Array) {
		loss.Distill(l, dq, q, target.Value())
	})
}

// scoreLoss records compute, which leaves a loss and its gradient by scores. Those of the other inputs that are nil are left out.
func scoreLoss(s *Scope, name string, scores *tape.Var, others []*tape.Var, compute func(l, ds, scores *kernels.Array)) *tape.Var {
	t := s.Tape
	l, grad, in := t.New(1), t.New(scores.Shape()...), []*tape.Var{scores}
	for _, v := range others {
		if v != nil {
			in = append(in, v)
		}
	}
	t.Apply(tape.Op{
		Name: name, In: in, Out: []*tape.Var{l}, Saved: []*tape.Var{grad},
		Forward:  func() { compute(l.Value(), grad.Value(), scores.Value()) },
		Backward: func(b *tape.Back) { join.Scale(b.Grad(0), grad.Value(), l.Grad()) },
	})
	return l
}
