package onnx

import (
	"math"

	"udml-gpu/kernels"
	kernelconv "udml-gpu/kernels/conv"
	kerneldepth "udml-gpu/kernels/depthwise"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// conv translates layer.Conv2D.
func conv(g *graph, op *tape.Op) {
	s, w := op.Spec.(kernelconv.Spec), op.In[1]
	out, kernel, in := w.Dim(0), w.Dim(1), w.Dim(3)
	f := filters{values: planes(read(w), out, kernel*kernel, in), shape: []int{out, in, kernel, kernel}}
	a := attributes{
		{"kernel_shape", []int{kernel, kernel}},
		{"pads", []int{s.Pad, s.Pad, s.Pad + s.Extra, s.Pad + s.Extra}},
		{"strides", []int{s.Stride, s.Stride}},
	}
	g.convolve(op, f, a, s.ReLU)
}

// depthwiseConv translates layer.Depthwise2D.
func depthwiseConv(g *graph, op *tape.Op) {
	s, w := op.Spec.(kerneldepth.Spec), op.In[1]
	channels, kernel := w.Dim(0), w.Dim(1)
	f := filters{values: read(w), shape: []int{channels, 1, kernel, kernel}}
	a := attributes{
		{"group", channels},
		{"kernel_shape", []int{kernel, kernel}},
		{"pads", []int{s.PadBefore, s.PadBefore, s.PadAfter, s.PadAfter}},
		{"strides", []int{s.Stride, s.Stride}},
	}
	g.convolve(op, f, a, false)
}

// filters are the weights [O,I,H,W] of a convolution, and its biases [O]; nil: none.
type filters struct {
	values []float32
	shape  []int
	bias   []float32
}

// convolve writes a convolution, with the batch norm behind it in its weights where nothing else reads what it makes.
func (g *graph) convolve(op *tape.Op, f filters, a attributes, relu bool) {
	if len(op.In) > 2 {
		f.bias = read(op.In[2])
	}
	made := op.Out[0]
	if uses := g.uses[made]; len(uses) == 1 && uses[0].Name == "batch norm" && !relu {
		norm := uses[0]
		g.folded[norm] = true
		made, relu = norm.Out[0], norm.Spec.(layer.BatchNormSpec).ReLU
		f.fold(norm)
	}
	inputs := []string{g.in(op.In[0], first), g.floats("weight", f.values, f.shape...)}
	if f.bias != nil {
		inputs = append(inputs, g.floats("bias", f.bias, f.shape[0]))
	}
	y := g.node("Conv", a, inputs...)
	if relu {
		y = g.node("Relu", nil, y)
	}
	g.put(made, y, first)
}

// fold makes a batch norm behind the filters part of them: its factor of each channel, and what it adds.
func (f *filters) fold(norm *tape.Op) {
	factor, shift := affine(norm)
	per, bias := len(f.values)/f.shape[0], make([]float32, f.shape[0])
	for o := range bias {
		for i := range per {
			f.values[o*per+i] = float32(float64(f.values[o*per+i]) * factor[o])
		}
		before := 0.0
		if f.bias != nil {
			before = float64(f.bias[o])
		}
		bias[o] = float32(before*factor[o] + shift[o])
	}
	f.bias = bias
}

// affine is a batch norm in evaluation mode as x factor + shift.
func affine(norm *tape.Op) (factor, shift []float64) {
	s := norm.Spec.(layer.BatchNormSpec)
	gamma, beta := read(norm.In[1]), read(norm.In[2])
	mean, vari := kernels.Read[float32](s.Mean), kernels.Read[float32](s.Var)
	factor, shift = make([]float64, len(gamma)), make([]float64, len(gamma))
	for c := range gamma {
		factor[c] = float64(gamma[c]) / math.Sqrt(float64(vari[c])+s.Eps)
		shift[c] = float64(beta[c]) - float64(mean[c])*factor[c]
	}
	return factor, shift
}

// pointwise translates layer.Pointwise: a product where channels are last, else a convolution.
func pointwise(g *graph, op *tape.Op) {
	x, w := op.In[0], op.In[1]
	if name, o := g.as(x); o == last {
		g.put(op.Out[0], g.product(name, w, op.In[2]), last)
		return
	}
	f := filters{values: read(w), shape: []int{w.Dim(0), w.Dim(1), 1, 1}}
	g.convolve(op, f, attributes{{"kernel_shape", []int{1, 1}}}, false)
}

// planes are filters [O,HW,I] as [O,I,HW].
func planes(v []float32, out, area, in int) []float32 {
	to := make([]float32, len(v))
	for o := range out {
		from, part := v[o*area*in:], to[o*area*in:]
		for p := range area {
			for c := range in {
				part[c*area+p] = from[p*in+c]
			}
		}
	}
	return to
}
