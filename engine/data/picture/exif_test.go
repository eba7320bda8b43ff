package picture

import (
	"encoding/binary"
	"image"
	"testing"
)

// exifWith is a TIFF structure whose first directory holds the entries, each a tag, a type and a value.
func exifWith(order binary.ByteOrder, at uint32, entries ...[3]uint16) []byte {
	b := []byte("II*\x00")
	if order == binary.ByteOrder(binary.BigEndian) {
		b = []byte("MM\x00*")
	}
	b = append(b, 0, 0, 0, 0, 0, 0)
	order.PutUint32(b[4:], at)
	order.PutUint16(b[8:], uint16(len(entries)))
	for _, e := range entries {
		entry := make([]byte, 12)
		order.PutUint16(entry, e[0])
		order.PutUint16(entry[2:], e[1])
		order.PutUint32(entry[4:], 1)
		order.PutUint16(entry[8:], e[2])
		b = append(b, entry...)
	}
	return b
}

func TestOrientation(t *testing.T) {
	little, big := binary.LittleEndian, binary.BigEndian
	for i, c := range []struct {
		b    []byte
		want int
	}{
		{exifWith(little, 8, [3]uint16{274, 3, 6}), 6},
		{exifWith(big, 8, [3]uint16{271, 2, 1}, [3]uint16{274, 3, 8}), 8},
		{exifWith(big, 8, [3]uint16{274, 3, 9}), 1},
		{exifWith(big, 8, [3]uint16{274, 3, 0}), 1},
		{exifWith(big, 8, [3]uint16{274, 2, 5}), 1},
		{exifWith(little, 0xffffffff, [3]uint16{274, 3, 6}), 1},
		{exifWith(little, 20, [3]uint16{274, 3, 6}), 1},
		{exifWith(little, 8, [3]uint16{274, 3, 6})[:15], 1},
		{[]byte("IM*\x00aaaaaaaa"), 1},
		{[]byte("II*"), 1},
		{nil, 1},
	} {
		if got := orientationOf(c.b, nil); got != c.want {
			t.Errorf("case %d: %d, want %d", i, got, c.want)
		}
		jpg := append([]byte("\xff\xd8\xff\xe0\x00\x04ab\xff\xff\xe1"), 0, byte(8+len(c.b)))
		jpg = append(append(append(jpg, exifMark...), c.b...), 0xff, 0xda, 0, 2)
		if got := jpegOrientation(jpg); got != c.want {
			t.Errorf("case %d in a JPEG: %d, want %d", i, got, c.want)
		}
	}
}

// TestUprightGrey turns a grey 2x3 image with numbered pixels: the golden images cover colour only.
func TestUprightGrey(t *testing.T) {
	want := map[int]string{
		1: "01 23 45",
		2: "10 32 54",
		3: "54 32 10",
		4: "45 23 01",
		5: "024 135",
		6: "420 531",
		7: "531 420",
		8: "135 024",
	}
	for o, rows := range want {
		im := image.NewGray(image.Rect(0, 0, 2, 3))
		copy(im.Pix, []uint8{0, 1, 2, 3, 4, 5})
		out := upright(im, o).(*image.Gray)
		got := ""
		for i, v := range out.Pix {
			if i > 0 && i%out.Stride == 0 {
				got += " "
			}
			got += string(rune('0' + v))
		}
		if got != rows {
			t.Errorf("orientation %d: %s, want %s", o, got, rows)
		}
	}
}
