// Package wiretest reads protocol buffers in tests.
package wiretest

import (
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// Fields calls each for the fields of a message in their order; bits is a number, as it is written, and content that of a field with a
// length. It fails for a message that is not whole.
func Fields(t testing.TB, b []byte, each func(field protowire.Number, bits uint64, content []byte)) {
	t.Helper()
	for len(b) > 0 {
		field, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		b = b[n:]
		var bits uint64
		var content []byte
		switch kind {
		case protowire.BytesType:
			content, n = protowire.ConsumeBytes(b)
		case protowire.VarintType:
			bits, n = protowire.ConsumeVarint(b)
		case protowire.Fixed64Type:
			bits, n = protowire.ConsumeFixed64(b)
		case protowire.Fixed32Type:
			var v uint32
			v, n = protowire.ConsumeFixed32(b)
			bits = uint64(v)
		default:
			t.Fatalf("field %d is of the kind %d", field, kind)
		}
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		b = b[n:]
		each(field, bits, content)
	}
}
