package onnx

import (
	"fmt"

	kernelpool "udml-gpu/kernels/pool"
	"udml-gpu/models/tape"
)

// window are the attributes of a pooling: explicit zeros behind the map make as many windows as torch does, whose rule for the last
// window is not that of ONNX's ceil_mode.
func window(op *tape.Op) attributes {
	s, x, y := op.Spec.(kernelpool.Spec), op.In[0], op.Out[0]
	after := func(axis int) int { return max(0, (y.Dim(axis)-1)*s.Stride+s.Kernel-x.Dim(axis)-s.Pad) }
	return attributes{
		{"kernel_shape", []int{s.Kernel, s.Kernel}},
		{"pads", []int{s.Pad, s.Pad, after(1), after(2)}},
		{"strides", []int{s.Stride, s.Stride}},
	}
}

func maxPool(g *graph, op *tape.Op) {
	g.put(op.Out[0], g.node("MaxPool", window(op), g.in(op.In[0], first)), first)
}

// averagePool counts the padding, but not what a last window reaches over behind it, which no network here has.
func averagePool(g *graph, op *tape.Op) {
	s, y := op.Spec.(kernelpool.Spec), op.Out[0]
	for axis := 1; axis <= 2; axis++ {
		if (y.Dim(axis)-1)*s.Stride+s.Kernel > op.In[0].Dim(axis)+2*s.Pad {
			panic(fmt.Sprintf("onnx: a window of %v reaches over %v", s, op.In[0]))
		}
	}
	g.put(op.Out[0], g.node("AveragePool", append(window(op), attributes{{"count_include_pad", 1}}...), g.in(op.In[0], first)), first)
}

// global translates a pooling of the whole map.
func global(kind string) func(*graph, *tape.Op) {
	return func(g *graph, op *tape.Op) {
		x, o := g.as(op.In[0])
		g.put(op.Out[0], g.overMap(kind, x, o), last)
	}
}

func (g *graph) overMap(kind, x string, o order) string {
	axes := []int{1, 2}
	if o == first {
		axes = []int{2, 3}
	}
	return g.node(kind, attributes{{"axes", axes}, {"keepdims", 0}}, x)
}

// generalisedMean is (mean of max(x, least)^p)^(1/p).
func generalisedMean(g *graph, op *tape.Op) {
	s := op.Spec.(kernelpool.Power)
	x, o := g.as(op.In[0])
	x = g.node("Max", nil, x, g.scalar("least", s.Least))
	mean := g.overMap("ReduceMean", g.node("Pow", nil, x, g.scalar("power", s.P)), o)
	g.put(op.Out[0], g.node("Pow", nil, mean, g.scalar("root", 1/s.P)), last)
}
