package layer

import (
	"fmt"

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
	t := s.Tape
	y, lse := t.New(qkv.Dim(0), qkv.Dim(1), d), t.New(qkv.Dim(0), heads, qkv.Dim(1))
	spec := attention.Spec{Heads: heads}
	t.Apply(tape.Op{
		Name: "attention", In: []*tape.Var{qkv}, Out: []*tape.Var{y}, Saved: []*tape.Var{lse}, Reads: []*tape.Var{qkv, y},
		Forward: func() {
			a := qkv.Value()
			attention.Forward(y.Value(), lse.Value(), attention.Operand{Array: a}, attention.Operand{Array: a, Column: d},
				attention.Operand{Array: a, Column: 2 * d}, spec)
		},
		Backward: func(b *tape.Back) {
			a, da := qkv.Value(), b.Grad(0)
			attention.Backward(attention.Operand{Array: da}, attention.Operand{Array: da, Column: d}, attention.Operand{Array: da, Column: 2 * d},
				y.Grad(), y.Value(), lse.Value(), attention.Operand{Array: a}, attention.Operand{Array: a, Column: d},
				attention.Operand{Array: a, Column: 2 * d}, spec)
		},
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
	t := s.Tape
	y, lse := t.New(q.Shape()...), t.New(q.Dim(0), heads, q.Dim(1))
	spec := attention.Spec{Heads: heads}
	t.Apply(tape.Op{
		Name: "cross attention", In: []*tape.Var{q, kv}, Out: []*tape.Var{y}, Saved: []*tape.Var{lse}, Reads: []*tape.Var{q, kv, y},
		Forward: func() {
			a := kv.Value()
			attention.Forward(y.Value(), lse.Value(), attention.Operand{Array: q.Value()}, attention.Operand{Array: a},
				attention.Operand{Array: a, Column: d}, spec)
		},
		Backward: func(b *tape.Back) {
			a, da := kv.Value(), b.Grad(1)
			attention.Backward(attention.Operand{Array: b.Grad(0)}, attention.Operand{Array: da}, attention.Operand{Array: da, Column: d},
				y.Grad(), y.Value(), lse.Value(), attention.Operand{Array: q.Value()}, attention.Operand{Array: a},
				attention.Operand{Array: a, Column: d}, spec)
		},
	})
	return y
}
