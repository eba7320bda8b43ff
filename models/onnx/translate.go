package onnx

import (
	"fmt"
	"slices"

	"udml-gpu/kernels"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// Recording is the forward pass of a network in evaluation mode on one image.
type Recording struct {
	Tape   *tape.Tape
	Images *tape.Var // [1,H,W,C] in 0..1, an input of the tape
	Result *tape.Var // [1,D]
	Arena  *tape.Arena
}

// Options say what the model takes.
type Options struct {
	Pixels bool // uint8 images, where it would take normalised ones
	Invert bool // the network sees the negatives of images
}

// The names of a model's input and output.
const (
	InputNormalised = "pixel_values" // float32 [batch,C,H,W]: ((pixel/255) - mean)/std, red before green before blue
	InputPixels     = "image"        // uint8 [batch,H,W,C]
	OutputName      = "image_embeds" // float32 [batch,D]
)

// translators write an op of a name as operators of ONNX.
var translators = map[string]func(g *graph, op *tape.Op){
	"conv": conv, "depthwise": depthwiseConv, "pointwise": pointwise, "batch norm": batchNorm,
	"linear": linear, "layer norm": layerNorm, "l2 normalize": l2Normalize, "local response norm": responseNorm,
	"relu": unary("Relu"), "relu6": relu6, "gelu": gelu, "swiglu": swiglu,
	"add": add, "scale and add": scaleAdd, "concat": concat,
	"max pool": maxPool, "average pool": averagePool,
	"global average pool": global("ReduceMean"), "global max pool": global("ReduceMax"), "generalised mean pool": generalisedMean,
	"tokens": joinTokens, "token rows": tokenRows, "rotary positions": rotate,
	"mirrored": mirrored, "bilinear": bilinear, "mean": mean,
	"attention": attend, "cross attention": crossAttend,
}

// Translate makes a model of the recording. It runs it once, on whatever Images hold, to know what of it no image changes: positions of
// this size of image, rotations, a query. The parameters of each network's batch norms become part of the convolutions before them.
// The error names an op that ONNX has no operators for.
func Translate(r Recording, o Options) (*Model, error) {
	g := &graph{
		values: map[*tape.Var]*held{}, parts: map[*tape.Var][]string{}, moving: map[*tape.Var]bool{},
		folded: map[*tape.Op]bool{}, wholes: map[string]string{}, floatsAt: map[string][]int{}, used: map[string]int{},
		uses: map[*tape.Var][]*tape.Op{},
	}
	ops := needed(r)
	g.trace(r, ops)
	begun := false
	for _, op := range ops {
		switch {
		case !g.moves(op) || g.folded[op]:
			continue
		case op.Name == "normalise":
			g.begin(op, o)
			begun = true
			continue
		case translators[op.Name] == nil:
			return nil, fmt.Errorf("there are no operators of ONNX for %q of %s", op.Name, op.Of)
		}
		g.layer = op.Of
		translators[op.Name](g, op)
	}
	if !begun {
		panic("onnx: the recording normalises no images")
	}
	g.layer = ""
	g.nodeTo("Identity", nil, []string{OutputName}, g.in(r.Result, last))
	g.model.output = valueInfo(OutputName, typeFloat32, r.Result.Shape()...)
	return &g.model, nil
}

// begin makes the model's input, and writes what stands in front of the network.
func (g *graph) begin(op *tape.Op, o Options) {
	x, s := op.In[0], op.Spec.(layer.NormaliseSpec)
	h, w, c := x.Dim(1), x.Dim(2), x.Dim(3)
	in := InputNormalised
	g.model.input = valueInfo(in, typeFloat32, 1, c, h, w)
	if o.Pixels {
		g.model.input = valueInfo(InputPixels, typeUint8, 1, h, w, c)
		in = g.node("Cast", attributes{{"to", typeFloat32}}, InputPixels)
		in = g.node("Transpose", attributes{{"perm", []int{0, 3, 1, 2}}}, in)
		if o.Invert {
			in = g.node("Sub", nil, g.scalar("white", 255), in)
		}
	}
	if s.Reverse {
		channels := make([]int, c)
		for i := range channels {
			channels[i] = c - 1 - i
		}
		in = g.node("Gather", attributes{{"axis", 1}}, in, g.whole(channels...))
	}
	if o.Pixels {
		in = g.node("Sub", nil, in, g.floats("mean", singles(s.Mean), c, 1, 1))
		in = g.node("Div", nil, in, g.floats("std", singles(s.Std), c, 1, 1))
	}
	g.put(op.Out[0], in, first)
}

// needed are the ops that the result comes from, in order.
func needed(r Recording) []*tape.Op {
	wanted := map[*tape.Var]bool{root(r.Result): true}
	var list []*tape.Op
	for _, op := range slices.Backward(r.Tape.Ops()) {
		if slices.ContainsFunc(op.Out, func(v *tape.Var) bool { return wanted[root(v)] }) {
			list = append(list, op)
			for _, v := range op.In {
				wanted[root(v)] = true
			}
		}
	}
	slices.Reverse(list)
	return list
}

// moves tells whether an image changes what op makes.
func (g *graph) moves(op *tape.Op) bool { return len(op.Out) > 0 && g.moving[op.Out[0]] }

// trace notes which vars the images change, and runs the recording for the values of the others.
func (g *graph) trace(r Recording, ops []*tape.Op) {
	g.moving[r.Images] = true
	var keep []*tape.Var
	for _, op := range ops {
		moves := false
		for _, v := range op.In {
			moves = g.isMoving(v) || moves
		}
		for _, v := range op.In {
			g.uses[root(v)] = append(g.uses[root(v)], op)
			if moves && !g.isMoving(v) && root(v).Param() == nil {
				keep = append(keep, v)
			}
		}
		for _, v := range op.Out {
			g.moving[v] = moves
		}
	}
	r.Tape.Compile(r.Arena, nil, keep...).Forward()
}

// isMoving tells whether an image changes v, and notes it of what v is a reshape of.
func (g *graph) isMoving(v *tape.Var) bool {
	if moves, known := g.moving[v]; known || v.Base() == nil {
		return moves
	}
	g.moving[v] = g.isMoving(v.Base())
	return g.moving[v]
}

func root(v *tape.Var) *tape.Var {
	for v.Base() != nil {
		v = v.Base()
	}
	return v
}

// read is a constant's elements.
func read(v *tape.Var) []float32 { return kernels.Read[float32](v.Value()) }

func singles(v []float64) []float32 {
	list := make([]float32, len(v))
	for i, x := range v {
		list[i] = float32(x)
	}
	return list
}
