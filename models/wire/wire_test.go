package wire

import (
	"encoding/hex"
	"testing"
)

// The first three are the examples of the encoding's documentation; the others were written by Google's Python library 7.36.2 for
// tensorboard's Event{wall_time: 1.5}, Summary.Value{simple_value: 0.5} and Event{step: -1}.
func TestMessage(t *testing.T) {
	var inner Message
	inner.Whole(1, 150)
	for want, write := range map[string]func(*Message){
		"089601":                 func(m *Message) { m.Whole(1, 150) },
		"120774657374696e67":     func(m *Message) { m.Text(2, "testing") },
		"1a03089601":             func(m *Message) { m.Message(3, inner) },
		"09000000000000f83f":     func(m *Message) { m.Double(1, 1.5) },
		"150000003f":             func(m *Message) { m.Float(2, 0.5) },
		"10ffffffffffffffffff01": func(m *Message) { m.Whole(2, -1) },
		"2201ff":                 func(m *Message) { m.Bytes(4, []byte{255}) },
	} {
		var m Message
		if write(&m); hex.EncodeToString(m) != want {
			t.Errorf("%x, want %s", []byte(m), want)
		}
	}
}
