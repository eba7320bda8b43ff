package onnx

import (
	"bytes"
	"fmt"
	"slices"

	"udml-gpu/models/tape"
)

// order is how the axes of a map stand in a tensor of the model.
type order uint8

const (
	last  order = iota // [N,H,W,C], as in the recording; also of what is no map
	first              // [N,C,H,W], as convolutions and pooling of ONNX want it
)

// held is the model's tensors that hold the value of a var.
type held struct {
	names [2]string // by order; "": not made yet
	shape []int     // of the var, or of one that it is a reshape of
}

// has is an order in which the value is there.
func (h *held) has() order {
	if h.names[last] != "" {
		return last
	}
	return first
}

// graph is a model in the making.
type graph struct {
	model    Model
	values   map[*tape.Var]*held
	parts    map[*tape.Var][]string // queries, keys and values that stand apart, [N,T,D] each
	moving   map[*tape.Var]bool     // what the images change
	folded   map[*tape.Op]bool      // ops that are part of another one's node
	wholes   map[string]string      // constants of whole numbers that are there, by their content
	floatsAt map[string][]int       // places of the constants that asked for a name
	used     map[string]int         // how often a name was asked for
	layer    string                 // of the op that is translated
	uses     map[*tape.Var][]*tape.Op
}

// within is kind in the layer that is translated.
func (g *graph) within(kind string) string {
	if g.layer == "" {
		return kind
	}
	return g.layer + "/" + kind
}

// name is a name in the model that nothing has yet.
func (g *graph) name(kind string) string {
	name := g.within(kind)
	g.used[name]++
	if n := g.used[name]; n > 1 {
		name = fmt.Sprintf("%s_%d", name, n)
	}
	return name
}

// node appends an operator with one result, whose name it gives.
func (g *graph) node(kind string, a attributes, inputs ...string) string {
	out := g.name(kind)
	g.nodeTo(kind, a, []string{out}, inputs...)
	return out
}

func (g *graph) nodeTo(kind string, a attributes, outputs []string, inputs ...string) {
	g.model.nodes = append(g.model.nodes, Node{Kind: kind, Layer: g.layer, Inputs: inputs, Outputs: slices.Clone(outputs), attributes: a})
}

// floats is a constant [shape] of that name, or with a number behind it; the one that is there where an earlier pass of the layer, over
// images of another size or mirror images, asked for the same numbers.
func (g *graph) floats(kind string, v []float32, shape ...int) string {
	asked, raw := g.within(kind), floatBytes(v)
	for _, i := range g.floatsAt[asked] {
		if c := g.model.constants[i]; slices.Equal(c.Shape, shape) && bytes.Equal(c.raw, raw) {
			return c.Name
		}
	}
	name := g.name(kind)
	g.floatsAt[asked] = append(g.floatsAt[asked], len(g.model.constants))
	g.model.constants = append(g.model.constants, newTensor(name, typeFloat32, raw, shape...))
	return name
}

// floatsOf is floats of a name that is whole.
func (g *graph) floatsOf(name string, v []float32, shape ...int) string {
	layer := g.layer
	defer func() { g.layer = layer }()
	g.layer = ""
	return g.floats(name, v, shape...)
}

// scalar is a constant without axes.
func (g *graph) scalar(name string, v float64) string { return g.floats(name, []float32{float32(v)}) }

// whole is a constant list of whole numbers; the same one for the same numbers.
func (g *graph) whole(v ...int) string {
	key := fmt.Sprint(v)
	if g.wholes[key] == "" {
		g.wholes[key] = fmt.Sprintf("list_%d", len(g.wholes)+1)
		g.model.constants = append(g.model.constants, newTensor(g.wholes[key], typeInt64, wholeBytes(v), len(v)))
	}
	return g.wholes[key]
}

// put says which tensor holds the value of v.
func (g *graph) put(v *tape.Var, name string, o order) { g.putAs(v, name, o, v.Shape()) }

// putAs is put of a tensor of another shape of the same size.
func (g *graph) putAs(v *tape.Var, name string, o order, shape []int) {
	h := &held{shape: shape}
	h.names[o] = name
	g.values[v] = h
}

// in is the tensor of v in that order.
func (g *graph) in(v *tape.Var, o order) string { return g.ordered(g.find(v), o) }

func (g *graph) ordered(h *held, o order) string {
	if h.names[o] == "" {
		perm := []int{0, 3, 1, 2}
		if o == last {
			perm = []int{0, 2, 3, 1}
		}
		h.names[o] = g.node("Transpose", attributes{{"perm", perm}}, h.names[1-o])
	}
	return h.names[o]
}

// as is the tensor of v in an order in which it is there, and the order.
func (g *graph) as(v *tape.Var) (string, order) {
	o := g.find(v).has()
	return g.in(v, o), o
}

// find is what holds v in v's own shape.
func (g *graph) find(v *tape.Var) *held {
	h := g.loose(v)
	if slices.Equal(h.shape, v.Shape()) {
		return h
	}
	if h.shape[0] != v.Dim(0) {
		panic(fmt.Sprintf("onnx: %v of %v would move images", v.Shape(), h.shape))
	}
	from := g.ordered(h, last)
	g.put(v, g.node("Reshape", nil, from, g.whole(append([]int{0}, v.Shape()[1:]...)...)), last)
	return g.values[v]
}

// loose is what holds v, in the shape of it or of one that it is a reshape of.
func (g *graph) loose(v *tape.Var) *held {
	switch {
	case g.values[v] != nil:
		return g.values[v]
	case !g.isMoving(v):
		g.put(v, g.constant(v), last)
		return g.values[v]
	case v.Base() == nil:
		panic(fmt.Sprintf("onnx: nothing makes %v", v))
	}
	return g.loose(v.Base())
}

// constant is a tensor that holds the value of v, which no image changes, under its parameter's name where it has one.
func (g *graph) constant(v *tape.Var) string {
	values := read(v)
	if p := v.Param(); p != nil {
		return g.floatsOf(p.Name, values, v.Shape()...)
	}
	return g.floats("constant", values, v.Shape()...)
}
