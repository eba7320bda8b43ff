package layer

import (
	"fmt"

	"udml-gpu/kernels"
	"udml-gpu/kernels/attention"
	"udml-gpu/models/tape"
)

// Attention is scaled dot-product self-attention of heads over tokens, as torch.nn.functional.scaled_dot_product_attention
// computes it without a mask: qkv [N,T,3D] holds the queries, keys and values of all heads side by side, as one linear layer makes them,
// each head's columns together; the result is [N,T,D]. The scale is 1/sqrt(D/heads). It has no parameters.
func Attention(s *Scope, qkv *tape.Var, heads int) *tape.Var {
	d := qkv.Dim(2) / 3
	if 3*d != qkv.Dim(2) {
		panic(fmt.Sprintf("layer.Attention: %v does not hold queries, keys and values of one width", qkv))
	}
	y := s.Tape.NewOf(qkv.DType(), qkv.Dim(0), qkv.Dim(1), d)
	attend(s, "attention", []*tape.Var{qkv}, y, heads, func(of func(i int) *kernels.Array) (q, k, v attention.Operand) {
		return columns(of(0), 0), columns(of(0), d), columns(of(0), 2*d)
	})
	return y
}

// CrossAttention is Attention of queries q [N,T,D] to other tokens, whose keys and values lie side by side in kv [N,U,2D]; the result is
// [N,T,D]. With T = 1 it pools all tokens of an image.
func CrossAttention(s *Scope, q, kv *tape.Var, heads int) *tape.Var {
	d := q.Dim(2)
	if 2*d != kv.Dim(2) {
		panic(fmt.Sprintf("layer.CrossAttention: %v does not hold keys and values for queries %v", kv, q))
	}
	y := s.Tape.NewOf(q.DType(), q.Shape()...)
	attend(s, "cross attention", []*tape.Var{q, kv}, y, heads, func(of func(i int) *kernels.Array) (q, k, v attention.Operand) {
		return columns(of(0), 0), columns(of(1), 0), columns(of(1), d)
	})
	return y
}

func columns(a *kernels.Array, from int) attention.Operand {
	return attention.Operand{Array: a, Column: from}
}

// attend records attention on inputs; operands finds queries, keys and values in the arrays of the inputs, or of their gradients.
func attend(s *Scope, name string, inputs []*tape.Var, y *tape.Var, heads int,
	operands func(of func(i int) *kernels.Array) (q, k, v attention.Operand),
) {
	lse, spec := s.Tape.New(y.Dim(0), heads, y.Dim(1)), attention.Spec{Heads: heads}
	value := func(i int) *kernels.Array { return inputs[i].Value() }
	s.Tape.Apply(tape.Op{
		Name: name, Spec: spec, In: inputs, Out: []*tape.Var{y}, Saved: []*tape.Var{lse}, Reads: append([]*tape.Var{y}, inputs...),
		Forward: func() {
			q, k, v := operands(value)
			attention.Forward(y.Value(), lse.Value(), q, k, v, spec)
		},
		Backward: func(b *tape.Back) {
			q, k, v := operands(value)
			dq, dk, dv := operands(b.Grad)
			attention.Backward(dq, dk, dv, y.Grad(), y.Value(), lse.Value(), q, k, v, spec)
		},
	})
}
