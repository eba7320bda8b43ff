package layer

import (
	"udml-gpu/kernels/gemm"
	"udml-gpu/models/tape"
)

// DenseSpec describes a linear layer: Out results a row.
type DenseSpec struct {
	Out    int
	NoBias bool
	Bias   *tape.Var // [Out], in the place of a parameter name.bias
	// Std is the deviation of the normal distribution that new weights are drawn from, cut at 2 Std, with biases of 0, as vision
	// transformers have them (0.02). 0: torch's default, uniform up to 1/sqrt(I) for both.
	Std float64
	// Orthogonal begins with weights whose columns, or rows where these are fewer, are orthogonal and of length 1, and with biases of 0.
	Orthogonal bool
	// Fixed makes the weights a buffer, which is not trained.
	Fixed bool
	// FixedBias takes the bias for a constant: for a loss that does not depend on it, whose gradient would be rounding alone.
	FixedBias bool
}

// Linear is Dense with a bias and torch's initial values.
func Linear(s *Scope, name string, x *tape.Var, out int) *tape.Var {
	return Dense(s, name, x, DenseSpec{Out: out})
}

// Dense is torch.nn.Linear on x [N,I] or on tokens x [N,T,I]: x W^T + b with W [out,I]; parameters name.weight and name.bias. While
// training, all rows are one product. In evaluation mode the CPU computes each row of [N,I], and the tokens of each image,
// on their own: the same image then has the same bytes in any batch.
func Dense(s *Scope, name string, x *tape.Var, d DenseSpec) *tape.Var {
	t, shape := s.Tape, x.Shape()
	last := len(shape) - 1
	w, b := s.In(name).dense(shape[last], d)
	rows := x
	if last == 2 {
		rows = t.Reshape(x, shape[0]*shape[1], shape[2])
	}
	out, weights := t.NewOf(x.DType(), rows.Dim(0), d.Out), filtersOf(s, x, w)
	y := out
	inputs := []*tape.Var{rows, w}
	if b != nil {
		inputs = append(inputs, b)
	}
	if weights != w {
		inputs = append(inputs, weights)
	}
	op := tape.Op{
		Name: "linear", Of: s.path(name), In: inputs, Out: []*tape.Var{out}, Reads: []*tape.Var{rows, weights},
		Forward: func() { gemm.Linear(out.Value(), rows.Value(), weights.Value(), valueOf(b)) },
		Backward: func(back *tape.Back) {
			gemm.LinearBackward(back.Grad(0), back.Grad(1), gradOf(back, b, 2), out.Grad(), rows.Value(), weights.Value())
		},
	}
	switch {
	case t.Training():
	case last == 2:
		op.Forward = func() { gemm.LinearTokens(y.Value(), x.Value(), weights.Value(), valueOf(b)) }
	default:
		op.Forward = func() { gemm.LinearApart(y.Value(), x.Value(), weights.Value(), valueOf(b)) }
	}
	t.Apply(op)
	if last == 2 {
		y = t.Reshape(out, shape[0], shape[1], d.Out)
	}
	return y
}

// dense finds or creates the parameters of the linear layer that s stands in; b is nil without a bias.
func (s *Scope) dense(in int, d DenseSpec) (w, b *tape.Var) {
	bound := fanBound(in)
	weights, biases := s.uniform("weight", bound), s.uniform("bias", bound)
	if d.Std > 0 {
		weights, biases = s.normal("weight", d.Std), constant(0)
	}
	if d.Orthogonal || s.prefix != "" && s.prefix == s.Store.orthogonal {
		weights, biases = s.orthogonal("weight", d.Out, in), constant(0)
	}
	w = s.Tape.Param(s.param("weight", !d.Fixed, weights, d.Out, in))
	if d.Bias != nil {
		return w, d.Bias
	}
	if !d.NoBias {
		b = s.Tape.Param(s.param("bias", true, biases, d.Out))
	}
	if d.FixedBias {
		b = s.Tape.Detach(b)
	}
	return w, b
}
