package onnx

import "udml-gpu/models/tape"

// mirrored turns images left to right.
func mirrored(g *graph, op *tape.Op) {
	turned := make([]int, op.In[0].Dim(2))
	for i := range turned {
		turned[i] = len(turned) - 1 - i
	}
	g.put(op.Out[0], g.node("Gather", attributes{{"axis", 3}}, g.in(op.In[0], first), g.whole(turned...)), first)
}
