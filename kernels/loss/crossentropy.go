package loss

import "udml-gpu/kernels"

// CrossEntropy is the mean softmax cross entropy of scores s [N,K], N rows against K columns:
//
//	loss = 1/N sum_i [ LSE_{j in C(i)} scale s_ij - scale s_iy ],  y = target[i]
//
// target is int32 [N]; nil makes column i the target of row i. C(i) are all columns, or, with class int32 [K], the target and the columns
// of other classes than the target's. ds [N,K] (or nil) is the gradient, 0 outside of C(i). With one column in C(i), and with no rows, loss
// and gradient are 0. A score of -Inf outside of the target has no weight.
//
// A NaN or +Inf in C(i), or a target that is no column, makes the loss and row i of ds NaN. loss [1]. float32 or float64; all sums are
// float64, so that of exact scores the loss is off by at most u (1 + |loss|), an element of ds by u |scale| / N with u = 2^-24 in float32.
//
// Source: torch.nn.functional.cross_entropy.
func CrossEntropy(loss, ds, s, target, class *kernels.Array, scale float64) {
	const op = "loss.CrossEntropy"
	wantScores(op, loss, ds, s)
	if target != nil {
		kernels.WantShape(op, "target", target, s.Dim(0))
		kernels.WantType(op, "target", target, kernels.Int32)
	}
	if class != nil {
		kernels.WantShape(op, "class", class, s.Dim(1))
		kernels.WantType(op, "class", class, kernels.Int32)
	}
	switch kernels.PathOf(op, loss, ds, s) {
	case kernels.OnGPU:
		crossEntropyCUDA(loss, ds, s, target, class, scale)
	case kernels.InFloat64:
		crossEntropy[float64](loss, ds, s, target, class, scale)
	case kernels.InFloat32:
		crossEntropy[float32](loss, ds, s, target, class, scale)
	}
}

// wantScores panics unless loss is [1], s a matrix and ds, where it is not nil, of its shape.
func wantScores(op string, loss, ds, s *kernels.Array) {
	kernels.WantShape(op, "loss", loss, 1)
	kernels.WantShape(op, "s", s, -1, -1)
	if ds != nil {
		kernels.WantShape(op, "ds", ds, s.Shape()...)
	}
}
