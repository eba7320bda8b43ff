package onnx

import "udml-gpu/models/tape"

// withMirrored puts the mirror images behind the images.
func withMirrored(g *graph, op *tape.Op) {
	x, width := g.in(op.In[0], first), op.In[0].Dim(2)
	turned := make([]int, width)
	for i := range turned {
		turned[i] = width - 1 - i
	}
	mirrored := g.node("Gather", attributes{{"axis", 3}}, x, g.whole(turned...))
	g.put(op.Out[0], g.node("Concat", attributes{{"axis", 0}}, x, mirrored), first)
}

// meanOfMirrored is the mean of both halves of the rows.
func meanOfMirrored(g *graph, op *tape.Op) {
	halves := g.node("Reshape", nil, g.in(op.In[0], last), g.whole(2, -1, op.In[0].Dim(1)))
	g.put(op.Out[0], g.node("ReduceMean", attributes{{"axes", []int{0}}, {"keepdims", 0}}, halves), last)
}
