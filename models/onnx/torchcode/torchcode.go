// Package torchcode writes a model of ONNX, as models/onnx makes them, as the forward pass of a module of PyTorch: a line for each
// operator.
package torchcode

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"udml-gpu/models/onnx"
	"udml-gpu/models/weights/file"
)

// Code is a forward pass.
type Code struct {
	// Lines are Python's, without indentation, ending in a return. They read the images from x, tensors from the dictionary w by their
	// names, and torch and torch.nn.functional as F.
	Lines []string
	// Tensors are those that the lines read: the model's constants with more than one element, with points in their names.
	Tensors []file.Tensor
}

// writer is a forward pass in the making.
type writer struct {
	code     Code
	constant map[string]onnx.Constant
	said     map[string]string // the expression of each tensor that is there
	lists    map[string]bool   // tensors that are lists of whole numbers
	last     map[string]int    // the last node that reads each tensor
	taken    []bool            // variables that hold what is still read: x0, x1 and so on
	tensors  map[string]string // the expressions of constants, by their names in the model
	names    map[string]bool   // of Tensors
	layer    string
}

// Write translates the model. The error names an operator that is used in a way that is not translated.
func Write(m *onnx.Model) (*Code, error) {
	w := &writer{
		constant: map[string]onnx.Constant{}, said: map[string]string{}, lists: map[string]bool{}, last: map[string]int{},
		tensors: map[string]string{}, names: map[string]bool{},
	}
	for _, c := range m.Constants() {
		w.constant[c.Name] = c
		w.lists[c.Name] = c.Whole != nil
	}
	for i, n := range m.Nodes() {
		for _, in := range n.Inputs {
			w.last[in] = i
		}
	}
	for i, n := range m.Nodes() {
		if err := w.node(i, n); err != nil {
			return nil, err
		}
	}
	return &w.code, nil
}

// node writes the line of node i.
func (w *writer) node(i int, n onnx.Node) error {
	if n.Outputs[0] == onnx.OutputName {
		w.code.Lines = append(w.code.Lines, "return "+w.of(n.Inputs[0]))
		return nil
	}
	write := operators[n.Kind]
	if write == nil {
		return fmt.Errorf("there is no line of PyTorch for %s", n.Kind)
	}
	made, err := write(w, n)
	if err != nil {
		return fmt.Errorf("%s of %s: %w", n.Kind, n.Layer, err)
	}
	w.free(i, n)
	var to []string
	for _, out := range n.Outputs {
		to = append(to, w.variable(out))
	}
	line := strings.Join(to, ", ") + " = " + made
	if n.Layer != w.layer && n.Layer != "" {
		line += "  # " + n.Layer
	}
	w.layer = n.Layer
	w.code.Lines = append(w.code.Lines, line)
	return nil
}

// free gives back the variables that no node behind node i reads, so that memory does not grow with the depth.
func (w *writer) free(i int, n onnx.Node) {
	for _, in := range n.Inputs {
		if k, err := strconv.Atoi(strings.TrimPrefix(w.said[in], "x")); err == nil && w.last[in] == i {
			w.taken[k] = false
		}
	}
}

// variable is the first free one, for an output.
func (w *writer) variable(out string) string {
	k := slices.Index(w.taken, false)
	if k < 0 {
		k = len(w.taken)
		w.taken = append(w.taken, false)
	}
	w.taken[k] = true
	w.said[out] = fmt.Sprintf("x%d", k)
	return w.said[out]
}

// of is the expression of a tensor: a variable, a number, or a tensor of the file.
func (w *writer) of(name string) string {
	c, ok := w.constant[name]
	switch {
	case ok && c.Whole != nil:
		return "[" + numbers(c.Whole...) + "]"
	case ok && len(c.Shape) == 0:
		return number(float64(c.Floats[0]))
	case ok:
		return w.tensor(c)
	case w.said[name] != "":
		return w.said[name]
	}
	return "x" // the images
}

// tensor is the expression of a constant, which is added to Tensors where it is new.
func (w *writer) tensor(c onnx.Constant) string {
	if w.tensors[c.Name] == "" {
		name := strings.ReplaceAll(c.Name, "/", ".")
		for w.names[name] { // a parameter's own name beside that of a part of a layer
			name += "_"
		}
		w.names[name] = true
		w.code.Tensors = append(w.code.Tensors, file.FromFloat32(name, c.Floats, c.Shape...))
		w.tensors[c.Name] = fmt.Sprintf("w[%q]", name)
	}
	return w.tensors[c.Name]
}

// whole is the list of whole numbers that an input is.
func (w *writer) whole(n onnx.Node, input int) ([]int, error) {
	if c := w.constant[n.Inputs[input]]; c.Whole != nil {
		return c.Whole, nil
	}
	return nil, fmt.Errorf("input %d is no list of numbers", input)
}

// number is a float32 with as many digits as it has, and a point or an exponent.
func number(v float64) string {
	text := strconv.FormatFloat(v, 'g', -1, 32)
	if !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return text
}

func numbers(list ...int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(list), " ", ", "), "[]")
}
