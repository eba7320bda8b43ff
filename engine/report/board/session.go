package board

import (
	"fmt"

	"udml-gpu/models/wire"
)

// Begin says with which settings a session of the hparams plugin begins. Until Done it counts as one whose end is not known.
func (b *Board) Begin(settings []Setting) {
	var start, data wire.Message
	for _, s := range settings {
		var entry wire.Message
		entry.Text(1, s.Key)
		entry.Message(2, value(s.Value))
		start.Message(1, entry)
	}
	data.Message(3, start)
	b.session("session_start_info", At{}, data)
}

// Done says that the session has come to its end.
func (b *Board) Done(at At) {
	const success = 1
	var end, data wire.Message
	end.Whole(1, success)
	data.Message(4, end)
	b.session("session_end_info", at, data)
}

// session adds a message of the hparams plugin, in the metadata of a tensor without elements.
func (b *Board) session(tag string, at At, data wire.Message) {
	const typeFloat = 1
	var shape, tensor, v wire.Message
	shape.Message(2, nil) // an axis of length 0
	tensor.Whole(1, typeFloat)
	tensor.Message(2, shape)
	v.Text(1, "_hparams_/"+tag)
	v.Message(8, tensor)
	v.Message(9, plugin("hparams", data))
	b.summary(at, v)
}

// value is a setting's value as google.protobuf.Value.
func value(v any) wire.Message {
	var m wire.Message
	switch v := v.(type) {
	case string:
		m.Text(3, v)
	case bool:
		on := 0
		if v {
			on = 1
		}
		m.Whole(4, on)
	case int:
		m.Double(2, float64(v))
	case uint64:
		m.Double(2, float64(v))
	case float64:
		m.Double(2, v)
	default:
		panic(fmt.Sprintf("board: a setting of type %T", v))
	}
	return m
}
