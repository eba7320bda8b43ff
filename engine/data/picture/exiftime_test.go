package picture

import (
	"bytes"
	"encoding/binary"
	"testing"

	"udml-gpu/engine/data/picture/rawfile/rawtest"
)

// exifTimes is a TIFF structure with DateTime and, in the EXIF directory, DateTimeOriginal; "" leaves a time out.
func exifTimes(order binary.AppendByteOrder, changed, original string) []byte {
	mark := "II"
	if order.AppendUint16(nil, 1)[0] == 0 {
		mark = "MM"
	}
	b := order.AppendUint32(order.AppendUint16([]byte(mark), 42), 8)
	entry := func(b []byte, tag, kind uint16, n, value uint32) []byte {
		return order.AppendUint32(order.AppendUint32(order.AppendUint16(order.AppendUint16(b, tag), kind), n), value)
	}
	const first, second, texts = 8, 8 + 2 + 2*12 + 4, 8 + 2 + 2*12 + 4 + 2 + 12 + 4
	b = order.AppendUint16(b, 2)
	b = entry(b, 0x132, 2, uint32(len(changed)+1), texts)
	b = entry(b, 0x8769, 4, 1, second)
	b = append(b, 0, 0, 0, 0)
	b = order.AppendUint16(b, 1)
	b = entry(b, 0x9003, 2, uint32(len(original)+1), uint32(texts+len(changed)+1))
	b = append(b, 0, 0, 0, 0)
	return append(append(b, changed+"\x00"...), original+"\x00"...)
}

func TestTaken(t *testing.T) {
	const a, b = "2019:05:06 07:08:09", "2020:01:02 03:04:05"
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		for _, c := range []struct{ changed, original, want string }{
			{a, b, "2020-01-02T03:04:05"},
			{a, "", "2019-05-06T07:08:09"},
			{a, "0000:00:00 00:00:00", "2019-05-06T07:08:09"},
			{"", "", ""},
			{"2019:13:06 07:08:09", "    :  :     :  :  ", ""},
			{"2019-05-06 07:08:09", "", ""},
		} {
			exif := exifTimes(order, c.changed, c.original)
			payload := append([]byte("Exif\x00\x00"), exif...)
			jpeg := append([]byte("\xff\xd8\xff\xe1"), binary.BigEndian.AppendUint16(nil, uint16(len(payload)+2))...)
			jpeg = append(append(jpeg, payload...), "\xff\xd9"...)
			if got := Taken(jpeg); got != c.want {
				t.Errorf("JPEG, %v: %q, want %q", c, got, c.want)
			}
			if got := Taken(exif); got != c.want { // as a TIFF file
				t.Errorf("TIFF, %v: %q, want %q", c, got, c.want)
			}
		}
	}
	cr3 := rawtest.CR3(rawtest.CR3Parts{Full: rawtest.JPEG(16, 8), Orientation: 1, Taken: b})
	if got := Taken(cr3); got != "2020-01-02T03:04:05" {
		t.Errorf("CR3: %q", got)
	}
	if got := Taken([]byte("no image")); got != "" {
		t.Error(got)
	}
}

func FuzzTaken(f *testing.F) {
	f.Add(exifTimes(binary.LittleEndian, "2019:05:06 07:08:09", "2020:01:02 03:04:05"))
	f.Add(exifTimes(binary.BigEndian, "2019:05:06 07:08:09", ""))
	f.Fuzz(func(t *testing.T, b []byte) {
		if got := Taken(b); got != "" && len(got) != len(TimeLayout) || bytes.Contains([]byte(got), []byte{0}) {
			t.Errorf("%q", got)
		}
	})
}
