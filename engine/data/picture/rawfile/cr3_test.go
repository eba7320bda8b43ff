package rawfile

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"

	"udml-gpu/engine/data/picture/rawfile/rawtest"
)

// sensorValues begin as the samples of Canon's codec do.
var sensorValues = append([]byte{0xff, 0x01, 0x00, 0x08}, make([]byte, 3000)...)

// TestCR3: the largest JPEG file is found wherever it is, with the orientation of the first directory.
func TestCR3(t *testing.T) {
	small, middle, large := rawtest.JPEG(16, 8), rawtest.JPEG(32, 16), rawtest.JPEG(48, 32)
	whole := rawtest.CR3Parts{Full: large, Preview: middle, Thumbnail: small, Orientation: 6, Sensor: sensorValues}
	lossless := rawtest.Lossless(4000, 3000)
	b := rawtest.CR3(whole)
	broken := bytes.Replace(b, []byte("stsz"), []byte("STSZ"), 1)
	for name, c := range map[string]struct{ file, want []byte }{
		"whole":           {b, large},
		"preview largest": {rawtest.CR3(rawtest.CR3Parts{Full: small, Preview: large, Thumbnail: middle}), large},
		"thumbnail alone": {rawtest.CR3(rawtest.CR3Parts{Thumbnail: small, Sensor: sensorValues}), small},
		"no full size":    {rawtest.CR3(rawtest.CR3Parts{Full: lossless, Preview: middle, Thumbnail: small}), middle},
		"none":            {rawtest.CR3(rawtest.CR3Parts{Sensor: sensorValues}), nil},
		"cut in mdat":     {b[:len(b)-len(sensorValues)-10], middle},
		"cut in moov":     {b[:60], nil},
		"mark alone":      {b[:12], nil},
		"a broken table":  {broken, middle},
	} {
		if !Is(c.file) {
			t.Errorf("%s: not recognised", name)
		}
		if got := Preview(c.file); !bytes.Equal(got, c.want) {
			t.Errorf("%s: a preview of %d bytes, want %d", name, len(got), len(c.want))
		}
	}
	for want := range uint32(10) {
		whole.Orientation = want
		v, ok := Orientation(rawtest.CR3(whole))
		if ok != (want >= 1 && want <= 8) || ok && v != int(want) {
			t.Errorf("orientation %d, %v, want %d", v, ok, want)
		}
	}
	if Is([]byte("\x00\x00\x00\x18ftypmp42")) {
		t.Error("a video is a raw file")
	}
}

// TestCR3Tables: sizes in a table, and places of 32 bits, as the standard allows too.
func TestCR3Tables(t *testing.T) {
	large := rawtest.JPEG(48, 32)
	b := rawtest.CR3(rawtest.CR3Parts{Full: large})
	at := bytes.Index(b, []byte("co64")) - 4
	place := binary.BigEndian.Uint64(b[at+16:])
	copy(b[at:], "\x00\x00\x00\x14stco\x00\x00\x00\x00\x00\x00\x00\x01")
	binary.BigEndian.PutUint32(b[at+16:], uint32(place))
	binary.BigEndian.PutUint32(b[at-20:], 24) // stsz takes the four bytes that are free
	copy(b[at+4:at+24], b[at:at+20])
	size := b[at-20:]
	binary.BigEndian.PutUint32(size[20:], binary.BigEndian.Uint32(size[12:]))
	binary.BigEndian.PutUint32(size[12:], 0)
	if got := Preview(b); !bytes.Equal(got, large) {
		t.Errorf("a preview of %d bytes, want %d", len(got), len(large))
	}
}

// TestHostileCR3: many tracks at the same long preview, boxes without end and boxes of no length end soon.
func TestHostileCR3(t *testing.T) {
	start := time.Now()
	long := append([]byte{0xff, 0xd8, 0xff}, make([]byte, 4<<20)...)
	b := rawtest.CR3(rawtest.CR3Parts{Full: long})
	from := bytes.Index(b, []byte("trak")) - 4
	track := b[from : from+int(binary.BigEndian.Uint32(b[from:]))]
	many := binary.BigEndian.AppendUint32(nil, uint32(8+10_000*len(track)))
	many = append(append(many, "moov"...), bytes.Repeat(track, 10_000)...)
	b = append(b, many...)
	if c := readCR3(b); len(c.found) > maxDirectories {
		t.Errorf("%d previews", len(c.found))
	}
	Preview(b)
	Preview(append([]byte("\x00\x00\x00\x0cftypcrx "), bytes.Repeat([]byte("\x00\x00\x00\x08free"), 4<<20)...))
	for _, head := range []string{
		"\x00\x00\x00\x00moov", "\x00\x00\x00\x01moov\xff\xff\xff\xff\xff\xff\xff\xff", "\x00\x00\x00\x07moov", "\x00\x00\x00\x01moov",
	} {
		if Preview([]byte("\x00\x00\x00\x0cftypcrx "+head)) != nil {
			t.Errorf("%q has a preview", head)
		}
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("it took %v", took)
	}
}
