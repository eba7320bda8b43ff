package torchcode

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"udml-gpu/models/onnx"
)

// operators write the expression of PyTorch that is an operator of ONNX.
var operators = map[string]func(w *writer, n onnx.Node) (string, error){
	"Add": between("+"), "Sub": between("-"), "Mul": between("*"), "Div": between("/"), "MatMul": between("@"), "Pow": between("**"),
	"Relu": call("F.relu(%s)"), "Erf": call("torch.erf(%s)"), "Tanh": call("torch.tanh(%s)"), "Sigmoid": call("torch.sigmoid(%s)"),
	"Cast": call("%s.float()"), "Shape": call("%s.shape[:1]"),
	"Clip": call("%s.clamp(%s, %s)"), "Max": call("%s.clamp(min=%s)"), "Expand": call("%s.expand(%s)"),
	"ReduceMean": reduce("%s.mean(%s%s)"), "ReduceMax": reduce("%s.amax(%s%s)"),
	"ReduceL2": reduce("torch.linalg.vector_norm(%s, dim=%s%s)"),
	"Softmax":  softmax, "LayerNormalization": layerNorm, "LRN": responseNorm, "Conv": conv, "MaxPool": maxPool, "AveragePool": averagePool,
	"Transpose": transpose, "Reshape": reshape, "Slice": slice, "Split": split, "Gather": gather, "Concat": concat,
}

// all are the expressions of a node's inputs.
func (w *writer) all(n onnx.Node) []any {
	list := make([]any, len(n.Inputs))
	for i, in := range n.Inputs {
		list[i] = w.of(in)
	}
	return list
}

func between(sign string) func(*writer, onnx.Node) (string, error) {
	return call("%s " + sign + " %s")
}

func call(form string) func(*writer, onnx.Node) (string, error) {
	return func(w *writer, n onnx.Node) (string, error) {
		if strings.Count(form, "%s") != len(n.Inputs) {
			return "", fmt.Errorf("%d inputs", len(n.Inputs))
		}
		return fmt.Sprintf(form, w.all(n)...), nil
	}
}

func reduce(form string) func(*writer, onnx.Node) (string, error) {
	return func(w *writer, n onnx.Node) (string, error) {
		keep := ""
		if n.Attribute("keepdims") == 1 {
			keep = ", keepdim=True"
		}
		return fmt.Sprintf(form, w.of(n.Inputs[0]), tuple(ints(n, "axes")), keep), nil
	}
}

func softmax(w *writer, n onnx.Node) (string, error) {
	return fmt.Sprintf("%s.softmax(%d)", w.of(n.Inputs[0]), n.Attribute("axis")), nil
}

// layerNorm is over the last axis.
func layerNorm(w *writer, n onnx.Node) (string, error) {
	weight, ok := w.constant[n.Inputs[1]]
	eps, isNumber := n.Attribute("epsilon").(float64)
	if !ok || !isNumber || len(weight.Shape) != 1 {
		return "", errors.New("no constant factor of one axis")
	}
	return fmt.Sprintf("F.layer_norm(%s, (%d,), %s, %s, eps=%s)",
		w.of(n.Inputs[0]), weight.Shape[0], w.of(n.Inputs[1]), w.of(n.Inputs[2]), number(eps)), nil
}

func responseNorm(w *writer, n onnx.Node) (string, error) {
	float := func(name string) string { v, _ := n.Attribute(name).(float64); return number(v) }
	return fmt.Sprintf("F.local_response_norm(%s, %d, alpha=%s, beta=%s, k=%s)",
		w.of(n.Inputs[0]), n.Attribute("size"), float("alpha"), float("beta"), float("bias")), nil
}

// ints is an attribute that is a list; nil where the node does not have it.
func ints(n onnx.Node, name string) []int {
	list, _ := n.Attribute(name).([]int)
	return list
}

// stride is that of both axes.
func stride(n onnx.Node) (int, error) {
	switch s := ints(n, "strides"); {
	case s == nil:
		return 1, nil
	case len(s) == 2 && s[0] == s[1]:
		return s[0], nil
	}
	return 0, errors.New("two strides")
}

// padded is the map with the value around it; one that needs none is as it is.
func padded(n onnx.Node, x, value string) string {
	p := ints(n, "pads") // top, left, bottom, right
	if slices.Max(append(p, 0)) == 0 {
		return x
	}
	return fmt.Sprintf("F.pad(%s, (%s), value=%s)", x, numbers(p[1], p[3], p[0], p[2]), value)
}

func conv(w *writer, n onnx.Node) (string, error) {
	x, bias, padding, groups := w.of(n.Inputs[0]), "None", 0, 1
	step, err := stride(n)
	if len(n.Inputs) > 2 {
		bias = w.of(n.Inputs[2])
	}
	if g, ok := n.Attribute("group").(int); ok {
		groups = g
	}
	if p := ints(n, "pads"); len(p) == 4 && len(slices.Compact(slices.Clone(p))) == 1 {
		padding = p[0]
	} else {
		x = padded(n, x, "0.0")
	}
	return fmt.Sprintf("F.conv2d(%s, %s, %s, stride=%d, padding=%d, groups=%d)", x, w.of(n.Inputs[1]), bias, step, padding, groups), err
}

func maxPool(w *writer, n onnx.Node) (string, error) {
	step, err := stride(n)
	return fmt.Sprintf("F.max_pool2d(%s, %d, %d)", padded(n, w.of(n.Inputs[0]), `float("-inf")`), ints(n, "kernel_shape")[0], step), err
}

func averagePool(w *writer, n onnx.Node) (string, error) {
	step, err := stride(n)
	return fmt.Sprintf("F.avg_pool2d(%s, %d, %d)", padded(n, w.of(n.Inputs[0]), "0.0"), ints(n, "kernel_shape")[0], step), err
}

func transpose(w *writer, n onnx.Node) (string, error) {
	return fmt.Sprintf("%s.permute(%s)", w.of(n.Inputs[0]), numbers(ints(n, "perm")...)), nil
}

// reshape keeps the axes whose number is 0.
func reshape(w *writer, n onnx.Node) (string, error) {
	x := w.of(n.Inputs[0])
	shape, err := w.whole(n, 1)
	parts := make([]string, len(shape))
	for i, v := range shape {
		parts[i] = numbers(v)
		if v == 0 {
			parts[i] = fmt.Sprintf("%s.shape[%d]", x, i)
		}
	}
	return fmt.Sprintf("%s.reshape(%s)", x, strings.Join(parts, ", ")), err
}

// slice is a part of the second axis.
func slice(w *writer, n onnx.Node) (string, error) {
	var at [3]int
	for i := range at {
		list, err := w.whole(n, i+1)
		if err != nil || len(list) != 1 {
			return "", errors.New("not a part of one axis")
		}
		at[i] = list[0]
	}
	if at[2] != 1 {
		return "", fmt.Errorf("a part of axis %d", at[2])
	}
	return fmt.Sprintf("%s[:, %d:%d]", w.of(n.Inputs[0]), at[0], at[1]), nil
}

func split(w *writer, n onnx.Node) (string, error) {
	return fmt.Sprintf("%s.split(%s, dim=%d)", w.of(n.Inputs[0]), w.of(n.Inputs[1]), n.Attribute("axis")), nil
}

// gather puts an axis into another order: channels, or the columns of images.
func gather(w *writer, n onnx.Node) (string, error) {
	axis, ok := n.Attribute("axis").(int)
	if !ok || axis < 1 {
		return "", errors.New("not of one of an image's axes")
	}
	return fmt.Sprintf("%s[%s%s]", w.of(n.Inputs[0]), strings.Repeat(":, ", axis), w.of(n.Inputs[1])), nil
}

// concat joins tensors, or shapes.
func concat(w *writer, n onnx.Node) (string, error) {
	var parts []string
	shapes := false
	for _, in := range n.Inputs {
		shapes = shapes || w.lists[in]
		parts = append(parts, w.of(in))
	}
	if shapes {
		return "[*" + strings.Join(parts, ", *") + "]", nil
	}
	return fmt.Sprintf("torch.cat([%s], dim=%d)", strings.Join(parts, ", "), n.Attribute("axis")), nil
}

func tuple(list []int) string {
	if len(list) == 1 {
		return numbers(list...)
	}
	return "(" + numbers(list...) + ")"
}
