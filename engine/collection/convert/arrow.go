package convert

import (
	"encoding/base64"
	"encoding/binary"

	flatbuffers "github.com/google/flatbuffers/go"
)

// arrowField is a column as Arrow's schema describes it.
type arrowField struct {
	name     string
	kind     byte // of arrow's Type union
	bits     int  // of an integer
	length   int  // of a list of fixed size
	children []arrowField
}

// The kinds of Arrow's Schema.fbs.
const (
	arrowInt       = 2
	arrowFloat     = 3
	arrowBinary    = 4
	arrowText      = 5
	arrowStruct    = 13
	arrowFixedList = 16
)

// arrowSchema is the value of the key ARROW:schema in a Parquet file, from which pyarrow, DuckDB and Hugging Face datasets learn what
// Parquet has no type for: that a list has a fixed length. It is an encapsulated message of Arrow's IPC format in base64: a marker, the
// length, and a flat buffer of the tables of Message.fbs and Schema.fbs, whose slots are numbered here. Readers take the file's metadata
// from it too, where it is there.
func arrowSchema(fields []arrowField, metadata [][2]string) string {
	b := flatbuffers.NewBuilder(1024)
	list, about := fieldList(b, fields), pairList(b, metadata)
	b.StartObject(4) // Schema: endianness, fields, custom_metadata, features
	b.PrependUOffsetTSlot(1, list, 0)
	b.PrependUOffsetTSlot(2, about, 0)
	schema := b.EndObject()
	const version5, header = 4, 1
	b.StartObject(5) // Message: version, header_type, header, bodyLength, custom_metadata
	b.PrependUOffsetTSlot(2, schema, 0)
	b.PrependInt16Slot(0, version5, 0)
	b.PrependByteSlot(1, header, 0)
	b.Finish(b.EndObject())
	message := b.FinishedBytes()
	for len(message)%8 != 0 {
		message = append(message, 0)
	}
	head := binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, 0xffffffff), uint32(len(message)))
	return base64.StdEncoding.EncodeToString(append(head, message...))
}

// fieldList builds a vector of fields.
func fieldList(b *flatbuffers.Builder, fields []arrowField) flatbuffers.UOffsetT {
	offsets := make([]flatbuffers.UOffsetT, len(fields))
	for i := range fields {
		offsets[i] = fields[i].build(b)
	}
	return vector(b, offsets)
}

// pairList builds a vector of metadata.
func pairList(b *flatbuffers.Builder, pairs [][2]string) flatbuffers.UOffsetT {
	offsets := make([]flatbuffers.UOffsetT, len(pairs))
	for i, p := range pairs {
		key, value := b.CreateString(p[0]), b.CreateString(p[1])
		b.StartObject(2) // KeyValue: key, value
		b.PrependUOffsetTSlot(0, key, 0)
		b.PrependUOffsetTSlot(1, value, 0)
		offsets[i] = b.EndObject()
	}
	return vector(b, offsets)
}

// vector builds a vector of tables.
func vector(b *flatbuffers.Builder, offsets []flatbuffers.UOffsetT) flatbuffers.UOffsetT {
	b.StartVector(4, len(offsets), 4)
	for i := len(offsets) - 1; i >= 0; i-- {
		b.PrependUOffsetT(offsets[i])
	}
	return b.EndVector(len(offsets))
}

func (f *arrowField) build(b *flatbuffers.Builder) flatbuffers.UOffsetT {
	children := fieldList(b, f.children)
	name := b.CreateString(f.name)
	kind := f.buildKind(b)
	b.StartObject(7) // Field: name, nullable, type_type, type, dictionary, children, custom_metadata
	b.PrependUOffsetTSlot(0, name, 0)
	b.PrependBoolSlot(1, true, false)
	b.PrependByteSlot(2, f.kind, 0)
	b.PrependUOffsetTSlot(3, kind, 0)
	b.PrependUOffsetTSlot(5, children, 0)
	return b.EndObject()
}

// buildKind builds the table of the field's type.
func (f *arrowField) buildKind(b *flatbuffers.Builder) flatbuffers.UOffsetT {
	const single = 1
	b.StartObject(2)
	switch f.kind {
	case arrowInt: // bitWidth, is_signed
		b.PrependInt32Slot(0, int32(f.bits), 0)
		b.PrependBoolSlot(1, true, false)
	case arrowFloat: // precision
		b.PrependInt16Slot(0, single, 0)
	case arrowFixedList: // listSize
		b.PrependInt32Slot(0, int32(f.length), 0)
	}
	return b.EndObject()
}
