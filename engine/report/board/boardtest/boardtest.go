// Package boardtest reads event files in tests, with the checks of their records.
package boardtest

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"maps"
	"math"
	"slices"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"udml-gpu/models/wire/wiretest"
)

// Value is a value of a summary.
type Value struct {
	Step   int
	Wall   float64
	Tag    string
	Scalar float64        // of a scalar
	Fields map[int][]byte // the fields of the Value message that are bytes, by number
}

// Read are the values of an event file in their order. It fails for a file that is not whole.
func Read(t testing.TB, b []byte) (list []Value) {
	t.Helper()
	for n := 0; len(b) > 0; n++ {
		if len(b) < 12 || uint64(len(b)) < 16+binary.LittleEndian.Uint64(b) {
			t.Fatalf("record %d is cut short", n)
		}
		data := b[12 : 12+binary.LittleEndian.Uint64(b)]
		check(t, n, b[:8], b[8:])
		check(t, n, data, b[12+len(data):])
		b = b[16+len(data):]
		list = append(list, event(t, n, data)...)
	}
	return list
}

// check compares a checksum, which is unmasked here as readers do.
func check(t testing.TB, record int, data, sum []byte) {
	t.Helper()
	crc := binary.LittleEndian.Uint32(sum) - 0xa282ead8
	if crc = crc>>17 | crc<<15; crc != crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli)) {
		t.Fatalf("record %d has a wrong checksum", record)
	}
}

func event(t testing.TB, record int, data []byte) (list []Value) {
	t.Helper()
	at := Value{}
	wiretest.Fields(t, data, func(field protowire.Number, bits uint64, b []byte) {
		switch field {
		case 1:
			at.Wall = math.Float64frombits(bits)
		case 2:
			at.Step = int(bits)
		case 3:
			if record != 0 || string(b) != "brain.Event:2" {
				t.Fatalf("record %d says version %q", record, b)
			}
		case 5:
			wiretest.Fields(t, b, func(_ protowire.Number, _ uint64, b []byte) { list = append(list, at.with(t, b)) })
		}
	})
	return list
}

// with is a value of the same place.
func (v Value) with(t testing.TB, b []byte) Value {
	t.Helper()
	v.Fields = map[int][]byte{}
	wiretest.Fields(t, b, func(field protowire.Number, bits uint64, b []byte) {
		switch field {
		case 1:
			v.Tag = string(b)
		case 2:
			v.Scalar = float64(math.Float32frombits(uint32(bits)))
		default:
			v.Fields[int(field)] = b
		}
	})
	return v
}

// Text are the values of an event file as text, without their times and without the settings: what two runs have in common that compute
// the same.
func Text(t testing.TB, b []byte) []byte {
	t.Helper()
	var text []byte
	for _, v := range Read(t, b) {
		if v.Tag == "_hparams_/session_start_info" {
			continue
		}
		text = fmt.Appendf(text, "%d %s %x", v.Step, v.Tag, math.Float64bits(v.Scalar))
		for _, field := range slices.Sorted(maps.Keys(v.Fields)) {
			text = fmt.Appendf(text, " %d:%x", field, v.Fields[field])
		}
		text = append(text, '\n')
	}
	return text
}
