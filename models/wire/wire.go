// Package wire writes messages of protocol buffers, field by field, without generated code: the formats that this program writes have few.
// A field that is written twice is a repeated one. The encoding: https://protobuf.dev/programming-guides/encoding/.
package wire

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Message is a message that is being written: fields by their numbers in its .proto file. The zero value is an empty one.
type Message []byte

// Text adds a string. It must be UTF-8, or readers refuse the whole message.
func (m *Message) Text(field protowire.Number, v string) {
	*m = protowire.AppendString(protowire.AppendTag(*m, field, protowire.BytesType), v)
}

// Bytes adds bytes.
func (m *Message) Bytes(field protowire.Number, v []byte) {
	*m = protowire.AppendBytes(protowire.AppendTag(*m, field, protowire.BytesType), v)
}

// Whole adds an int32, int64, bool or enum.
func (m *Message) Whole(field protowire.Number, v int) {
	*m = protowire.AppendVarint(protowire.AppendTag(*m, field, protowire.VarintType), uint64(v))
}

// Float adds a float.
func (m *Message) Float(field protowire.Number, v float32) {
	*m = protowire.AppendFixed32(protowire.AppendTag(*m, field, protowire.Fixed32Type), math.Float32bits(v))
}

// Double adds a double.
func (m *Message) Double(field protowire.Number, v float64) {
	*m = protowire.AppendFixed64(protowire.AppendTag(*m, field, protowire.Fixed64Type), math.Float64bits(v))
}

// Message adds a message.
func (m *Message) Message(field protowire.Number, v Message) { m.Bytes(field, v) }
