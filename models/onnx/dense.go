package onnx

import (
	"udml-gpu/kernels/lrn"
	"udml-gpu/models/tape"
)

// product is x W^T + b over the last axis; b may be nil.
func (g *graph) product(x string, w, b *tape.Var) string {
	out, in := w.Dim(0), w.Dim(1)
	y := g.node("MatMul", nil, x, g.floats("weight", planes(read(w), 1, out, in), in, out))
	if b != nil {
		y = g.node("Add", nil, y, g.floats("bias", read(b), out))
	}
	return y
}

// linear translates layer.Dense, whose rows [N T,I] are tokens [N,T,I] in another shape: the product takes those.
func linear(g *graph, op *tape.Op) {
	h := g.loose(op.In[0])
	var b *tape.Var
	if len(op.In) > 2 {
		b = op.In[2]
	}
	shape := append([]int(nil), h.shape...)
	shape[len(shape)-1] = op.Out[0].Dim(1)
	g.putAs(op.Out[0], g.product(g.ordered(h, last), op.In[1], b), last, shape)
}

func layerNorm(g *graph, op *tape.Op) {
	x := g.in(op.In[0], last)
	a := attributes{{"axis", -1}, {"epsilon", op.Spec}}
	g.put(op.Out[0], g.node("LayerNormalization", a, x, g.in(op.In[1], last), g.in(op.In[2], last)), last)
}

// l2Normalize is x / max(|x|, eps).
func l2Normalize(g *graph, op *tape.Op) {
	x := g.in(op.In[0], last)
	length := g.node("ReduceL2", attributes{{"axes", []int{-1}}, {"keepdims", 1}}, x)
	length = g.node("Max", nil, length, g.scalar("eps", op.Spec.(float64)))
	g.put(op.Out[0], g.node("Div", nil, x, length), last)
}

func responseNorm(g *graph, op *tape.Op) {
	s := op.Spec.(lrn.Spec)
	a := attributes{{"alpha", s.Alpha}, {"beta", s.Beta}, {"bias", s.K}, {"size", s.Size}}
	g.put(op.Out[0], g.node("LRN", a, g.in(op.In[0], first)), first)
}

// batchNorm is one that no convolution stands before.
func batchNorm(*graph, *tape.Op) { panic("onnx: a batch norm without a convolution") }
