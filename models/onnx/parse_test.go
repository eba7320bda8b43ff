package onnx_test

import (
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
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

// fields calls each for the fields of a message; v is a number, or the content of a field with a length.
func fields(t *testing.T, b []byte, each func(field protowire.Number, v uint64, content []byte)) {
	t.Helper()
	for len(b) > 0 {
		field, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		b = b[n:]
		var v uint64
		var content []byte
		switch kind {
		case protowire.VarintType:
			v, n = protowire.ConsumeVarint(b)
		case protowire.BytesType:
			content, n = protowire.ConsumeBytes(b)
		default:
			n = protowire.ConsumeFieldValue(field, kind, b)
		}
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		b = b[n:]
		each(field, v, content)
	}
}

// text is a field of a message that holds a text.
func text(t *testing.T, b []byte, want protowire.Number) (found string) {
	fields(t, b, func(field protowire.Number, _ uint64, content []byte) {
		if field == want {
			found = string(content)
		}
	})
	return found
}

func parse(t *testing.T, b []byte) *parsed {
	m := &parsed{about: map[string]string{}}
	fields(t, b, func(field protowire.Number, v uint64, content []byte) {
		switch field {
		case 1:
			m.ir = int(v)
		case 7:
			m.graph(t, content)
		case 8:
			fields(t, content, func(field protowire.Number, v uint64, _ []byte) {
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
	fields(t, b, func(field protowire.Number, _ uint64, content []byte) {
		switch field {
		case 1:
			n := node{kind: text(t, content, 4)}
			fields(t, content, func(field protowire.Number, _ uint64, content []byte) {
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
	fields(t, b, func(field protowire.Number, v uint64, content []byte) {
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
