package onnx

import (
	"udml-gpu/kernels/resize"
	"udml-gpu/models/tape"
)

// bilinear is a product with the weights of rows and one with those of columns: ONNX's Resize takes a size with the number of images in it,
// which the model leaves open, or a factor, of which a rounding can make one pixel less.
func bilinear(g *graph, op *tape.Op) {
	x, y := op.In[0], op.Out[0]
	h, w, oh, ow := x.Dim(1), x.Dim(2), y.Dim(1), y.Dim(2)
	rows := g.floats("rows", resize.BilinearWeights(oh, h), oh, h)
	columns := g.node("Transpose", attributes{{"perm", []int{1, 0}}}, g.floats("columns", resize.BilinearWeights(ow, w), ow, w))
	g.put(y, g.node("MatMul", nil, g.node("MatMul", nil, rows, g.in(x, first)), columns), first)
}

// mean is the sum of all inputs by their number.
func mean(g *graph, op *tape.Op) {
	sum := g.in(op.In[0], last)
	for _, x := range op.In[1:] {
		sum = g.node("Add", nil, sum, g.in(x, last))
	}
	g.put(op.Out[0], g.node("Mul", nil, sum, g.scalar("share", 1/float64(len(op.In)))), last)
}
