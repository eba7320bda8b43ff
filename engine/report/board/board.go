// Package board writes figures as TensorBoard reads them: an event file, which is a list of records (TFRecord), each an Event message.
// The messages' sources are tensorboard/compat/proto/{event,summary,tensor}.proto and tensorboard/plugins/hparams/{plugin_data,api}.proto
// of TensorBoard 2.21; fields are given by their numbers there.
//
// Settings are written as a session of the hparams plugin, without its experiment message: of several runs in a folder TensorBoard takes
// the first one's, and would show no settings that only other runs have. Without one it makes the list from the settings and scalars of
// all runs.
package board

import "udml-gpu/models/wire"

// Board is the content of an event file that is being made. Events stand in the order in which they are added: a file of the same run at
// a later time begins with the bytes of the earlier one.
type Board struct{ file []byte }

// At is where in a run something belongs.
type At struct {
	Step int     // number of steps done
	Wall float64 // seconds since 1970; every event has it, so that its length does not depend on it
}

// Scalar is a figure. TensorBoard groups tags by what stands before the first slash, and keeps float32.
type Scalar struct {
	Tag   string
	Value float64
}

// Image is an encoded picture.
type Image struct {
	Tag, About    string
	Encoded       []byte // JPEG or PNG
	Width, Height int    // in pixels
}

// Setting is a hyperparameter: a string (UTF-8), bool, int, uint64 or float64.
type Setting struct {
	Key   string
	Value any
}

// New is a board with the event that says of which version the file is.
func New() *Board {
	b := &Board{}
	e := event(At{})
	e.Text(3, "brain.Event:2")
	b.add(e)
	return b
}

// Bytes are the content of the file so far.
func (b *Board) Bytes() []byte { return b.file }

// Scalars adds figures of one place.
func (b *Board) Scalars(at At, list []Scalar) {
	var values []wire.Message
	for _, s := range list {
		var v wire.Message
		v.Text(1, s.Tag)
		v.Float(2, float32(s.Value))
		values = append(values, v)
	}
	b.summary(at, values...)
}

// Image adds a picture.
func (b *Board) Image(at At, im Image) {
	const rgb = 3 // of the encoded picture TensorBoard only asks for its bytes
	var picture, v wire.Message
	meta := plugin("images", nil)
	if im.About != "" {
		meta.Text(3, im.About)
	}
	picture.Whole(1, im.Height)
	picture.Whole(2, im.Width)
	picture.Whole(3, rgb)
	picture.Bytes(4, im.Encoded)
	v.Text(1, im.Tag)
	v.Message(4, picture)
	v.Message(9, meta)
	b.summary(at, v)
}

// Text adds a text in Markdown.
func (b *Board) Text(at At, tag, text string) {
	const typeString = 7
	var shape, tensor, v wire.Message
	tensor.Whole(1, typeString)
	tensor.Message(2, shape)
	tensor.Text(8, text)
	v.Text(1, tag)
	v.Message(8, tensor)
	v.Message(9, plugin("text", nil))
	b.summary(at, v)
}

// summary adds an event with those values; without any, none.
func (b *Board) summary(at At, values ...wire.Message) {
	var s wire.Message
	for _, v := range values {
		s.Message(1, v)
	}
	if len(s) == 0 {
		return
	}
	e := event(at)
	e.Message(5, s)
	b.add(e)
}

func (b *Board) add(e wire.Message) { b.file = appendRecord(b.file, e) }

// event is the beginning of an Event.
func event(at At) wire.Message {
	var e wire.Message
	e.Double(1, at.Wall)
	if at.Step != 0 {
		e.Whole(2, at.Step)
	}
	return e
}

// plugin is the SummaryMetadata of a value that belongs to a plugin.
func plugin(name string, content wire.Message) wire.Message {
	var data, meta wire.Message
	data.Text(1, name)
	if len(content) > 0 {
		data.Bytes(2, content)
	}
	meta.Message(1, data)
	return meta
}
