package onnx

import (
	"encoding/binary"
	"math"
)

// Node is an operator of a model.
type Node struct {
	Kind            string // the operator's name
	Layer           string // of the network, which the operator is a part of; "" for what stands around it
	Inputs, Outputs []string

	attributes attributes
}

// message is the NodeProto.
func (n Node) message() message {
	var m message
	for _, in := range n.Inputs {
		m.Text(1, in)
	}
	for _, out := range n.Outputs {
		m.Text(2, out)
	}
	m.Text(3, n.Outputs[0]+"_node")
	m.Text(4, n.Kind)
	n.attributes.write(&m)
	return m
}

// Attribute is the value of an attribute, an int, float64 or []int; nil where the node does not have it.
func (n Node) Attribute(name string) any {
	for _, a := range n.attributes {
		if a.name == name {
			return a.value
		}
	}
	return nil
}

// Constant is a tensor of a model that no image changes: a list of whole numbers, or elements [Shape].
type Constant struct {
	Name   string
	Shape  []int
	Whole  []int     // nil: it has Floats
	Floats []float32 // one number for no Shape
}

// Nodes are the operators in the order in which they are computed.
func (m *Model) Nodes() []Node { return m.nodes }

// Constants are the tensors that the nodes read, besides the image and each other's outputs.
func (m *Model) Constants() []Constant {
	list := make([]Constant, len(m.constants))
	for i, t := range m.constants {
		c := t.Constant
		if t.elements == typeInt64 {
			for b := t.raw; len(b) > 0; b = b[8:] {
				c.Whole = append(c.Whole, int(binary.LittleEndian.Uint64(b)))
			}
		} else {
			c.Floats = make([]float32, len(t.raw)/4)
			for k := range c.Floats {
				c.Floats[k] = math.Float32frombits(binary.LittleEndian.Uint32(t.raw[4*k:]))
			}
		}
		list[i] = c
	}
	return list
}
