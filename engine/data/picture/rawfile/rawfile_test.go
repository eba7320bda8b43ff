package rawfile

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"

	"udml-gpu/engine/data/picture/rawfile/rawtest"
)

type dir = rawtest.Dir

// strip and linked are the entries that place a preview of n bytes.
func strip(b []byte, n int) dir {
	return dir{{Tag: 259, Value: 7}, {Tag: 273, JPEG: b}, {Tag: 279, Value: uint32(n)}}
}

func linked(b []byte, n int) dir { return dir{{Tag: 513, JPEG: b}, {Tag: 514, Value: uint32(n)}} }

// noted is a file of Olympus whose preview is in the notes of the maker.
func noted(notes []byte) []byte {
	return rawtest.TIFF("IIRO", dir{{Tag: 34665, Dirs: []dir{{{Tag: 37500, Bytes: notes}}}}})
}

// omSystem is such notes, with offsets that count from their beginning.
func omSystem(preview []byte) []byte {
	const mark = "OM SYSTEM\x00\x00\x00II\x04\x00"
	camera := dir{{Tag: 0x101, JPEG: preview}, {Tag: 0x102, Value: uint32(len(preview))}}
	notes := rawtest.TIFF("II*\x00", dir{{Tag: 0x2020, Dirs: []dir{camera}}})
	return append([]byte(mark), notes[len(mark):]...)
}

// TestPreview: the largest preview of each structure, in both byte orders.
func TestPreview(t *testing.T) {
	small, large, lossless := rawtest.JPEG(16, 8), rawtest.JPEG(48, 32), rawtest.Lossless(4000, 3000)
	n := len(large)
	cr2 := rawtest.TIFF("II*\x00", strip(large, n), linked(small, len(small)), strip(lossless, len(lossless)))
	copy(cr2[8:], "CR\x02\x00")
	sensor, dng := dir{{Tag: 262, Value: 32803}}, rawtest.Entry{Tag: 50706, Value: 1}
	below := []dir{strip(lossless, len(lossless)), strip(small, 9), strip(large, n)}
	for name, c := range map[string]struct{ file, want []byte }{
		"nikon":     {rawtest.Nikon("MM\x00*", 6, large), large},
		"nikon II":  {rawtest.Nikon("II*\x00", 6, large), large},
		"canon":     {cr2, large},
		"dng":       {rawtest.TIFF("II*\x00", append(linked(large, n), dng), linked(small, len(small))), large},
		"dng below": {rawtest.TIFF("MM\x00*", dir{{Tag: 330, Dirs: below}}, sensor), large},
		"pentax":    {rawtest.TIFF("MM\x00*", dir{{Tag: 259, Value: 65535}}, linked(small, len(small)), linked(large, n)), large},
		"panasonic": {rawtest.TIFF("IIU\x00", dir{{Tag: 0x2e, Bytes: large}}), large},
		"olympus":   {noted(olympus(large)), large},
		"om system": {noted(omSystem(large)), large},
		"fujifilm":  {rawtest.Fuji(large), large},
		"none":      {rawtest.TIFF("IIU\x00", dir{{Tag: 256, Value: 1}}), nil},
		"lossless":  {rawtest.Nikon("II*\x00", 1, lossless), nil},
		"too long":  {rawtest.TIFF("IIU\x00", dir{{Tag: 0x2e, Bytes: large}})[:200], nil},
		"cut":       {rawtest.Fuji(large)[:300], nil},
	} {
		if !Is(c.file) {
			t.Errorf("%s: not recognised", name)
		}
		if got := Preview(c.file); !bytes.Equal(got, c.want) {
			t.Errorf("%s: a preview of %d bytes, want %d", name, len(got), len(c.want))
		}
	}
}

// olympus is notes whose first directory is at byte 12.
func olympus(preview []byte) []byte {
	b := append([]byte("OLYMPUS\x00II\x03\x00"), 1, 0)
	entry := func(tag, kind uint16, value int) {
		b = binary.LittleEndian.AppendUint16(b, tag)
		b = binary.LittleEndian.AppendUint16(b, kind)
		b = binary.LittleEndian.AppendUint32(b, 1)
		b = binary.LittleEndian.AppendUint32(b, uint32(value))
	}
	entry(0x2020, 13, 30)
	b = append(b, 0, 0, 0, 0, 2, 0) // no directory follows; two entries
	entry(0x101, 4, 60)
	entry(0x102, 4, len(preview))
	return append(append(b, 0, 0, 0, 0), preview...)
}

// TestIs: TIFF files and other pictures are none.
func TestIs(t *testing.T) {
	picture := rawtest.JPEG(16, 8)
	for name, b := range map[string][]byte{
		"tiff":        rawtest.TIFF("II*\x00", dir{{Tag: 262, Value: 2}}, dir{{Tag: 262, Value: 2}}),
		"jpeg inside": rawtest.TIFF("II*\x00", strip(picture, len(picture)), linked(picture, len(picture))),
		"values only": rawtest.TIFF("II*\x00", dir{{Tag: 262, Value: 32803}}),
		"jpeg":        picture, "nothing": nil, "short": []byte("II*\x00"), "text": []byte("FUJIFILM"),
		"BigTIFF": []byte("II+\x00\x08\x00\x00\x00"),
	} {
		if Is(b) {
			t.Errorf("%s is a raw file", name)
		}
	}
}

// TestOrientation: that of the first directory.
func TestOrientation(t *testing.T) {
	picture := rawtest.JPEG(16, 8)
	for want := range 10 {
		v, ok := Orientation(rawtest.Nikon("MM\x00*", uint32(want), picture))
		if ok != (want >= 1 && want <= 8) || ok && v != want {
			t.Errorf("%d, %v, want %d", v, ok, want)
		}
	}
	if _, ok := Orientation(rawtest.Fuji(picture)); ok {
		t.Error("a RAF file says an orientation")
	}
}

// TestHostile: directories in circles, of many entries and at the same long preview end soon.
func TestHostile(t *testing.T) {
	start := time.Now()
	long := append([]byte{0xff, 0xd8, 0xff}, make([]byte, 64<<20)...)
	b := rawtest.Fuji(nil)
	b = append(b[:0], rawtest.TIFF("IIRO", linked(long, len(long)))...)
	at := uint32(len(b))
	for i := range uint32(200) { // each names the preview, itself and the one before
		d := rawtest.TIFF("II*\x00", dir{
			{Tag: 330, Value: at + 54*i}, {Tag: 513, Value: 16 + 2 + 2*12 + 4}, {Tag: 514, Value: uint32(len(long))},
		})[16:]
		binary.LittleEndian.PutUint32(d[len(d)-4:], at+54*i-54)
		b = append(b, append(d, make([]byte, 54-len(d))...)...)
	}
	binary.LittleEndian.PutUint32(b[4:], at+54*150)
	if w := walk(b, binary.LittleEndian); len(w.next) != maxDirectories || len(w.found) < maxDirectories {
		t.Errorf("%d directories, %d previews", len(w.next), len(w.found))
	}
	if Preview(b) != nil {
		t.Error("zeros are a preview")
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("it took %v", took)
	}
}

// TestUnreadable: what begins like a JPEG file and is no picture of 8 bits near its beginning is no preview.
func TestUnreadable(t *testing.T) {
	eight := rawtest.Lossless(40, 30)
	eight[6] = 8
	late := rawtest.JPEG(16, 8)
	segment := append([]byte{0xff, 0xe1, 0xff, 0xff}, make([]byte, 0xfffd)...)
	late = append(append(late[:2:2], bytes.Repeat(segment, 17)...), late[2:]...)
	for name, b := range map[string][]byte{"lossless of 8 bits": eight, "a header behind a megabyte": late} {
		if Preview(rawtest.Fuji(b)) != nil {
			t.Errorf("%s is a preview", name)
		}
	}
}

// TestCircle: a directory that follows itself is read once.
func TestCircle(t *testing.T) {
	b := rawtest.TIFF("II*\x00", dir{{Tag: 330, Value: 16}})
	binary.LittleEndian.PutUint32(b[len(b)-4:], 16)
	if w := walk(b, binary.LittleEndian); len(w.next) != 1 {
		t.Errorf("%d directories", len(w.next))
	}
}

// FuzzPreview: any bytes give a preview within them, or none.
func FuzzPreview(f *testing.F) {
	picture := rawtest.JPEG(16, 8)
	f.Add(rawtest.Nikon("MM\x00*", 6, picture))
	f.Add(rawtest.Fuji(picture))
	f.Add(rawtest.CR3(rawtest.CR3Parts{Full: picture, Preview: picture, Thumbnail: picture, Orientation: 6, Taken: "2020:01:02 03:04:05"}))
	f.Add(noted(olympus(picture)))
	f.Add(rawtest.TIFF("IIU\x00", dir{{Tag: 0x2e, Bytes: picture}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		p := Preview(b)
		if p != nil && (!bytes.Contains(b, p) || !bytes.HasPrefix(p, []byte{0xff, 0xd8})) {
			t.Fatalf("%d bytes that the file does not hold", len(p))
		}
		if v, ok := Orientation(b); ok && (v < 1 || v > 8) {
			t.Fatalf("orientation %d", v)
		}
		Is(b)
	})
}
