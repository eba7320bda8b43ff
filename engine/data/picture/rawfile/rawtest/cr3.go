package rawtest

import (
	"bytes"
	"encoding/binary"
)

// CR3Parts are what a file of CR3 is made of.
type CR3Parts struct {
	Full, Preview, Thumbnail []byte // JPEG files; nil: none
	Orientation              uint32 // 0: none
	Taken                    string // as in EXIF
	Sensor                   []byte // the sample of the second track
}

// CR3 is a file of the structure of CR3, as https://github.com/lclevy/canon_cr3 describes it: ftyp, moov with Canon's data and two tracks,
// a preview, and the samples.
func CR3(p CR3Parts) []byte {
	head := box("ftyp", []byte("crx \x00\x00\x00\x01crx isom"))
	preview := []byte(nil)
	if p.Preview != nil {
		b := binary.BigEndian.AppendUint32([]byte("\x00\x00\x00\x00\x00\x01\x06\x54\x04\x38\x00\x01"), uint32(len(p.Preview)))
		preview = box("uuid", []byte("\xea\xf4\x2b\x5e\x1c\x98\x4b\x88\xb9\xfb\xb7\xdc\x40\x6e\x4d\x16"),
			[]byte("\x00\x00\x00\x00\x00\x00\x00\x01"), box("PRVW", b, p.Preview))
	}
	moov := func(at int) []byte {
		tracks := track(at, len(p.Full), "JPEG")
		return box("moov", canon(p), tracks, track(at+len(p.Full), len(p.Sensor), "CMP1"))
	}
	const large = 16 // bytes of the head of mdat, whose size has 64 bits
	at := len(head) + len(moov(0)) + len(preview) + large
	mdat := binary.BigEndian.AppendUint64([]byte("\x00\x00\x00\x01mdat"), uint64(large+len(p.Full)+len(p.Sensor)))
	return bytes.Join([][]byte{head, moov(at), preview, mdat, p.Full, p.Sensor}, nil)
}

// canon is the box of Canon's data.
func canon(p CR3Parts) []byte {
	var first, exif Dir
	if p.Orientation != 0 {
		first = Dir{{Tag: 274, Value: p.Orientation}}
	}
	if p.Taken != "" {
		exif = Dir{{Tag: 0x9003, Text: p.Taken + "\x00"}}
	}
	parts := [][]byte{
		[]byte("\x85\xc0\xb6\x87\x82\x0f\x11\xe0\x81\x11\xf4\xce\x46\x2b\x6a\x48"), box("CNCV", []byte("CanonCR3_001/00.09.00/00.00.00")),
		box("CMT1", TIFF("II*\x00", first)), box("CMT2", TIFF("II*\x00", exif)),
	}
	if p.Thumbnail != nil {
		b := binary.BigEndian.AppendUint32([]byte("\x00\x00\x00\x00\x00\xa0\x00\x78"), uint32(len(p.Thumbnail)))
		parts = append(parts, box("THMB", b, []byte("\x00\x01\x00\x00"), p.Thumbnail))
	}
	return box("uuid", parts...)
}

// track is a track with one sample at that place.
func track(at, size int, codec string) []byte {
	word := binary.BigEndian.AppendUint32
	craw := box("CRAW", make([]byte, 24), []byte("\x17\x70\x0f\xa0"), make([]byte, 0x52-28), box(codec, make([]byte, 4)))
	table := box("stbl",
		box("stsd", []byte("\x00\x00\x00\x00\x00\x00\x00\x01"), craw),
		box("stts", []byte("\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01")),
		box("stsc", []byte("\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01")),
		box("stsz", word(word(make([]byte, 4), uint32(size)), 1)),
		box("co64", binary.BigEndian.AppendUint64([]byte("\x00\x00\x00\x00\x00\x00\x00\x01"), uint64(at))))
	handler := box("hdlr", []byte("\x00\x00\x00\x00\x00\x00\x00\x00vide"), make([]byte, 13))
	return box("trak", box("mdia", handler, box("minf", table)))
}

// box is a box of that kind.
func box(kind string, parts ...[]byte) []byte {
	content := bytes.Join(parts, nil)
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(8+len(content))), kind...), content...)
}
