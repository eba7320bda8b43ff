package onnx

import (
	"encoding/binary"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"udml-gpu/models/wire"
)

// message is one that is being written: fields by their numbers in onnx.proto (ONNX 1.12, IR version 8).
type message = wire.Message

// Values of TensorProto.DataType.
const (
	typeFloat32 = 1
	typeUint8   = 2
	typeInt64   = 7
)

// Values of AttributeProto.AttributeType.
const (
	attrFloat = 1
	attrInt   = 2
	attrInts  = 7
)

// attributes are a node's, in the order in which they are written.
type attributes []struct {
	name  string
	value any // int, float64 or []int
}

func (a attributes) write(m *message) {
	for _, at := range a {
		var one message
		one.Text(1, at.name)
		switch v := at.value.(type) {
		case int:
			one.Whole(3, v)
			one.Whole(20, attrInt)
		case float64:
			one.Float(2, float32(v))
			one.Whole(20, attrFloat)
		case []int:
			for _, n := range v {
				one.Whole(8, n)
			}
			one.Whole(20, attrInts)
		default:
			panic("onnx: an attribute of another type")
		}
		m.Message(5, one)
	}
}

// valueInfo is a ValueInfoProto: a tensor whose first axis is the batch.
func valueInfo(name string, elements int, shape ...int) message {
	var dims, tensor, kind, info message
	for i, n := range shape {
		var dim message
		if i == 0 {
			dim.Text(2, "batch")
		} else {
			dim.Whole(1, n)
		}
		dims.Message(1, dim)
	}
	tensor.Whole(1, elements)
	tensor.Message(2, dims)
	kind.Message(1, tensor)
	info.Text(1, name)
	info.Message(2, kind)
	return info
}

// tensor is a constant with its TensorProto up to the raw data, which follow it.
type tensor struct {
	Constant // without its values, which are raw
	elements int
	head     message
	raw      []byte
}

func newTensor(name string, elements int, raw []byte, shape ...int) tensor {
	t := tensor{Constant: Constant{Name: name, Shape: shape}, elements: elements, raw: raw}
	for _, n := range shape {
		t.head.Whole(1, n)
	}
	t.head.Whole(2, elements)
	t.head.Text(8, name)
	t.head = protowire.AppendVarint(protowire.AppendTag(t.head, 9, protowire.BytesType), uint64(len(raw)))
	return t
}

// size is that of the message.
func (t tensor) size() int { return len(t.head) + len(t.raw) }

func floatBytes(v []float32) []byte {
	b := make([]byte, 0, 4*len(v))
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

func wholeBytes(v []int) []byte {
	b := make([]byte, 0, 8*len(v))
	for _, x := range v {
		b = binary.LittleEndian.AppendUint64(b, uint64(x))
	}
	return b
}
