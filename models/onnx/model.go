// Package onnx writes a recorded network as an ONNX model: operators of opset 17 in a file of IR version 8, which every runtime since
// 2022 reads. It translates the recording of the forward pass itself (tape.Tape), so that a model cannot differ from its network in the
// order of its layers or their numbers.
package onnx

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// The versions of what is written.
const (
	OpSet     = 17
	irVersion = 8
)

// maxBytes bounds a graph: a message of protocol buffers has less than 2 GB, of which 1 MB is left to what stands beside the graph.
const maxBytes = 1<<31 - 1<<20

// Model is a model, ready to be written.
type Model struct {
	About    map[string]string // its metadata_props
	Producer string
	Version  string // of the producer

	nodes         []Node
	constants     []tensor
	input, output message
}

// Fits is an error for a model that is too large for a file.
func (m *Model) Fits() error {
	if size := m.graphSize(); size > maxBytes {
		return fmt.Errorf("the model has %d MB, and an ONNX file at most %d", size/1e6, maxBytes/1_000_000)
	}
	return nil
}

// Write writes the model as a ModelProto. Equal models have equal bytes.
func (m *Model) Write(w io.Writer) error {
	before, size := m.head(), m.graphSize()
	before = protowire.AppendVarint(protowire.AppendTag(before, 7, protowire.BytesType), uint64(size))
	after := m.tail()
	if _, err := w.Write(before); err != nil {
		return err
	}
	for _, node := range m.nodes {
		if err := writeField(w, 1, node.message(), nil); err != nil {
			return err
		}
	}
	if err := writeField(w, 2, []byte("network"), nil); err != nil {
		return err
	}
	for _, t := range m.constants {
		if err := writeField(w, 5, t.head, t.raw); err != nil {
			return err
		}
	}
	if err := writeField(w, 11, m.input, nil); err != nil {
		return err
	}
	if err := writeField(w, 12, m.output, nil); err != nil {
		return err
	}
	_, err := w.Write(after)
	return err
}

// head is the ModelProto's fields before the graph.
func (m *Model) head() message {
	var b message
	b.Whole(1, irVersion)
	b.Text(2, m.Producer)
	b.Text(3, m.Version)
	return b
}

// tail is its fields behind the graph.
func (m *Model) tail() message {
	var b, opset message
	opset.Text(1, "")
	opset.Whole(2, OpSet)
	b.Message(8, opset)
	for _, key := range slices.Sorted(maps.Keys(m.About)) {
		var prop message
		prop.Text(1, key)
		prop.Text(2, m.About[key])
		b.Message(14, prop)
	}
	return b
}

// graphSize is the size of the GraphProto.
func (m *Model) graphSize() int {
	n := fieldSize(2, len("network")) + fieldSize(11, len(m.input)) + fieldSize(12, len(m.output))
	for _, node := range m.nodes {
		n += fieldSize(1, len(node.message()))
	}
	for _, t := range m.constants {
		n += fieldSize(5, t.size())
	}
	return n
}

func fieldSize(field protowire.Number, n int) int {
	return protowire.SizeTag(field) + protowire.SizeBytes(n)
}

// writeField writes a field whose content is head and then rest.
func writeField(w io.Writer, field protowire.Number, head, rest []byte) error {
	b := protowire.AppendVarint(protowire.AppendTag(nil, field, protowire.BytesType), uint64(len(head)+len(rest)))
	if _, err := w.Write(append(b, head...)); err != nil {
		return err
	}
	_, err := w.Write(rest)
	return err
}
