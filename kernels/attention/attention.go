// Package attention holds the scaled dot-product attention of transformers, fused: the matrix of its probabilities is never in
// memory as a whole.
package attention

import (
	"fmt"
	"math"

	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
)

// Operand is D columns of an array of rows [N,T,W], from Column on: queries, keys and values that one linear layer made lie
// beside each other, and need no copies. An Operand without an Array is a gradient that is not wanted.
type Operand struct {
	Array  *kernels.Array
	Column int
}

// in and out are the operand in a copy that the op reads or writes.
func (o Operand) in(w *bfloat.Wide) Operand  { return Operand{w.In(o.Array), o.Column} }
func (o Operand) out(w *bfloat.Wide) Operand { return Operand{w.Out(o.Array), o.Column} }

// Spec is the number of heads, which D is a multiple of, and the factor of the logits; 0: 1/sqrt(D/Heads).
type Spec struct {
	Heads int
	Scale float64
}

// Forward is torch.nn.functional.scaled_dot_product_attention without a mask, for each head h, whose columns are
// h D/Heads .. (h+1) D/Heads of every operand (Vaswani et al., "Attention is all you need", 2017, section 3.2):
//
//	s[t,u] = Scale q[t] . k[u],  lse[t] = log sum_u exp(s[t,u]),  y[t] = sum_u exp(s[t,u] - lse[t]) v[u]
//
// q is D columns of [N,T,.], k and v of [N,U,.] each; y [N,T,D], lse [N,Heads,T], which Backward needs; all float32 or all float64, or
// q, k, v and y bfloat16 and lse float32. Then y is rounded, and on GPUs, which multiply on the tensor cores, also the factors that are
// computed, each once, as FlashAttention does: the exponentials here, p and ds in Backward.
// T and U are at least 1; T = 1 is the pooling of all tokens by one query. Logits may be large; a row of logits with NaN
// or +Inf gives NaN. y and lse must not overlap the operands. On the CPU an image's bytes depend on that image alone; a GPU takes heads
// of up to 128 columns.
//
// Probabilities are computed block by block of keys, and scaled when a larger logit appears (Dao et al., "FlashAttention: fast and
// memory-efficient exact attention with IO-awareness", 2022, algorithm 1). Error in float32: with L the largest Scale |q| |k|,
// ((2 D/Heads + 40) L + U + 80) eps times the largest |v|, as a logit's error is a probability's relative one.
func Forward(y, lse *kernels.Array, q, k, v Operand, s Spec) {
	p := problemOf("attention.Forward", y, lse, q, k, v, s)
	if p.images == 0 {
		return
	}
	switch kernels.PathOfMaps("attention.Forward", []*kernels.Array{y, q.Array, k.Array, v.Array}, lse) {
	case kernels.OnGPU:
		forwardCUDA(y, lse, q, k, v, p)
	case kernels.InFloat64:
		forward(kernels.Data[float64](y), kernels.Data[float64](lse), columns[float64](q), columns[float64](k), columns[float64](v), p)
	case kernels.InFloat32:
		forward(kernels.Data[float32](y), kernels.Data[float32](lse), columns[float32](q), columns[float32](k), columns[float32](v), p)
	case kernels.InBFloat16:
		var w bfloat.Wide
		Forward(w.Out(y), lse, q.in(&w), k.in(&w), v.in(&w), s)
		w.Done()
	}
}

// Backward is the gradient of Forward, given dy [N,T,D] and Forward's y and lse. With p[t,u] = exp(s[t,u] - lse[t]), which is computed
// again from q and k:
//
//	dv[u] = sum_t p[t,u] dy[t]
//	ds[t,u] = Scale p[t,u] (dy[t] . v[u] - dy[t] . y[t]),  dq[t] = sum_u ds[t,u] k[u],  dk[u] = sum_t ds[t,u] q[t]
//
// dq, dk and dv are D columns of arrays like those of q, k and v, of which no other column is touched, and are overwritten; those
// without an array are not computed. They must not overlap each other or what is read. Every sum is in an order fixed by the
// shape. Error in float32: ((4 D/Heads + 80) L + T + U + 200) eps times the largest sum of the terms' absolute values,
// with L the largest of 1, Scale |q| |k| and |lse|. Types are Forward's: all but lse may be bfloat16, and dq, dk and dv are then rounded
// once, beside the factors. dy[t] . y[t] is of the y that it is given: a y of bfloat16 makes dq and dk of a row of queries as inexact as
// that is.
func Backward(dq, dk, dv Operand, dy, y, lse *kernels.Array, q, k, v Operand, s Spec) {
	const op = "attention.Backward"
	p := problemOf(op, y, lse, q, k, v, s)
	kernels.WantShape(op, "dy", dy, y.Shape()...)
	p.wantGradient(op, "dq", dq, p.queries)
	p.wantGradient(op, "dk", dk, p.keys)
	p.wantGradient(op, "dv", dv, p.keys)
	if p.images == 0 {
		return
	}
	switch kernels.PathOfMaps(op, []*kernels.Array{dy, y, q.Array, k.Array, v.Array, dq.Array, dk.Array, dv.Array}, lse) {
	case kernels.OnGPU:
		backwardCUDA(dq, dk, dv, dy, y, lse, q, k, v, p)
	case kernels.InFloat64:
		backward(gradientsOf[float64](dq, dk, dv, dy, y, lse, q, k, v), p)
	case kernels.InFloat32:
		backward(gradientsOf[float32](dq, dk, dv, dy, y, lse, q, k, v), p)
	case kernels.InBFloat16:
		var w bfloat.Wide
		Backward(dq.out(&w), dk.out(&w), dv.out(&w), w.In(dy), w.In(y), lse, q.in(&w), k.in(&w), v.in(&w), s)
		w.Done()
	}
}

// problem is the sizes of one call.
type problem struct {
	images, heads, queries, keys, dim int // dim: of a head
	scale                             float64
}

// width is D.
func (p *problem) width() int { return p.heads * p.dim }

// problemOf panics unless the arrays fit each other.
func problemOf(op string, y, lse *kernels.Array, q, k, v Operand, s Spec) *problem {
	kernels.WantShape(op, "y", y, -1, -1, -1)
	kernels.WantShape(op, "k", k.Array, y.Dim(0), -1, -1)
	if s.Heads < 1 || y.Dim(2) == 0 || y.Dim(2)%s.Heads != 0 {
		panic(fmt.Sprintf("%s: %d heads cannot share %d columns", op, s.Heads, y.Dim(2)))
	}
	p := &problem{images: y.Dim(0), heads: s.Heads, queries: y.Dim(1), keys: k.Array.Dim(1), dim: y.Dim(2) / s.Heads, scale: s.Scale}
	if p.queries < 1 || p.keys < 1 {
		panic(fmt.Sprintf("%s: %d queries and %d keys; at least one of each is wanted", op, p.queries, p.keys))
	}
	if p.scale == 0 {
		p.scale = 1 / math.Sqrt(float64(p.dim))
	}
	kernels.WantShape(op, "lse", lse, p.images, p.heads, p.queries)
	p.wantOperand(op, "q", q, p.queries)
	p.wantOperand(op, "k", k, p.keys)
	p.wantOperand(op, "v", v, p.keys)
	return p
}

// wantOperand panics unless the operand is width() columns of so many rows an image.
func (p *problem) wantOperand(op, name string, o Operand, rows int) {
	kernels.WantShape(op, name, o.Array, p.images, rows, -1)
	if w := o.Array.Dim(2); o.Column < 0 || o.Column+p.width() > w {
		panic(fmt.Sprintf("%s: %s is columns %d to %d of %d", op, name, o.Column, o.Column+p.width(), w))
	}
}

func (p *problem) wantGradient(op, name string, o Operand, rows int) {
	if o.Array != nil {
		p.wantOperand(op, name, o, rows)
	}
}
