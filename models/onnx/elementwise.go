package onnx

import (
	"math"

	"udml-gpu/kernels/act"
	"udml-gpu/models/tape"
)

// unary translates an op on each element that is one operator.
func unary(kind string) func(*graph, *tape.Op) {
	return func(g *graph, op *tape.Op) {
		x, o := g.as(op.In[0])
		g.put(op.Out[0], g.node(kind, nil, x), o)
	}
}

func relu6(g *graph, op *tape.Op) {
	x, o := g.as(op.In[0])
	g.put(op.Out[0], g.node("Clip", nil, x, g.scalar("least", 0), g.scalar("most", 6)), o)
}

// gelu writes the three forms out: opset 17 has no operator for them.
func gelu(g *graph, op *tape.Op) {
	x, o := g.as(op.In[0])
	var factor string
	switch op.Spec.(act.GELUKind) {
	case act.GELUErf: // (1 + erf(x / sqrt 2)) / 2
		y := g.node("Erf", nil, g.node("Mul", nil, x, g.scalar("scale", math.Sqrt2/2)))
		factor = g.half(y)
	case act.GELUTanh: // (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2
		cube := g.node("Mul", nil, g.node("Mul", nil, x, x), x)
		y := g.node("Add", nil, x, g.node("Mul", nil, cube, g.scalar("cube", 0.044715)))
		factor = g.half(g.node("Tanh", nil, g.node("Mul", nil, y, g.scalar("scale", math.Sqrt(2/math.Pi)))))
	case act.GELUQuick: // sigmoid(1.702 x)
		factor = g.node("Sigmoid", nil, g.node("Mul", nil, x, g.scalar("scale", 1.702)))
	}
	g.put(op.Out[0], g.node("Mul", nil, x, factor), o)
}

// half is (1 + x) / 2.
func (g *graph) half(x string) string {
	return g.node("Mul", nil, g.node("Add", nil, x, g.scalar("one", 1)), g.scalar("half", 0.5))
}

// swiglu is silu(gate) up.
func swiglu(g *graph, op *tape.Op) {
	gate, o := g.as(op.In[0])
	silu := g.node("Mul", nil, gate, g.node("Sigmoid", nil, gate))
	g.put(op.Out[0], g.node("Mul", nil, silu, g.in(op.In[1], o)), o)
}

func add(g *graph, op *tape.Op) {
	a, o := g.as(op.In[0])
	g.put(op.Out[0], g.node("Add", nil, a, g.in(op.In[1], o)), o)
}

// scaleAdd is residual + x gamma, gamma [C].
func scaleAdd(g *graph, op *tape.Op) {
	x, o := g.as(op.In[1])
	gamma := g.in(op.In[2], last)
	if o == first {
		gamma = g.floats("gamma", read(op.In[2]), op.In[2].Dim(0), 1, 1)
	}
	scaled := &held{shape: op.In[1].Shape()}
	scaled.names[o] = g.node("Mul", nil, x, gamma)
	residual, to := g.as(op.In[0])
	g.put(op.Out[0], g.node("Add", nil, residual, g.ordered(scaled, to)), to)
}

// concat joins channels.
func concat(g *graph, op *tape.Op) {
	_, o := g.as(op.In[0])
	axis := -1
	if o == first {
		axis = 1
	}
	var inputs []string
	for _, v := range op.In {
		inputs = append(inputs, g.in(v, o))
	}
	g.put(op.Out[0], g.node("Concat", attributes{{"axis", axis}}, inputs...), o)
}
