package onnx_test

import (
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"udml-gpu/models/wire/wiretest"
)

// parsed is a model as it is read back.
type parsed struct {
	ir, opset     int
	nodes         []node
	constants     []string
	input, output string
	about         map[string]string
}

type node struct {
	kind            string
	inputs, outputs []string
}

// text is a field of a message that holds a text.
func text(t *testing.T, b []byte, want protowire.Number) (found string) {
	wiretest.Fields(t, b, func(field protowire.Number, _ uint64, content []byte) {
		if field == want {
			found = string(content)
		}
	})
	return found
}

func parse(t *testing.T, b []byte) *parsed {
	m := &parsed{about: map[string]string{}}
	wiretest.Fields(t, b, func(field protowire.Number, v uint64, content []byte) {
		switch field {
		case 1:
			m.ir = int(v)
		case 7:
			m.graph(t, content)
		case 8:
			wiretest.Fields(t, content, func(field protowire.Number, v uint64, _ []byte) {
				if field == 2 {
					m.opset = int(v)
				}
			})
		case 14:
			m.about[text(t, content, 1)] = text(t, content, 2)
		}
	})
	return m
}

func (m *parsed) graph(t *testing.T, b []byte) {
	wiretest.Fields(t, b, func(field protowire.Number, _ uint64, content []byte) {
		switch field {
		case 1:
			n := node{kind: text(t, content, 4)}
			wiretest.Fields(t, content, func(field protowire.Number, _ uint64, content []byte) {
				switch field {
				case 1:
					n.inputs = append(n.inputs, string(content))
				case 2:
					n.outputs = append(n.outputs, string(content))
				}
			})
			m.nodes = append(m.nodes, n)
		case 5:
			m.constants = append(m.constants, text(t, content, 8))
			wantSize(t, content)
		case 11:
			m.input = text(t, content, 1)
		case 12:
			m.output = text(t, content, 1)
		}
	})
}

// wantSize checks that a tensor has as many bytes as its shape says.
func wantSize(t *testing.T, b []byte) {
	t.Helper()
	size, kind, raw, dims := 1, 0, 0, []int{}
	wiretest.Fields(t, b, func(field protowire.Number, v uint64, content []byte) {
		switch field {
		case 1:
			dims = append(dims, int(v))
			size *= int(v)
		case 2:
			kind = int(v)
		case 9:
			raw = len(content)
		}
	})
	if want := size * map[int]int{1: 4, 7: 8}[kind]; raw != want {
		t.Errorf("%d bytes, want %d for %v", raw, want, dims)
	}
}
