package rawfile

import (
	"bytes"
	"encoding/binary"
	"iter"
)

// Canon's CR3 is a file of boxes as MP4 is (ISO/IEC 14496-12), with boxes of Canon's own, as https://github.com/lclevy/canon_cr3 describes
// them: the picture in full size is the only sample of the first track, a smaller one is in a box PRVW, a thumbnail in a box THMB, and
// EXIF data are TIFF files in boxes CMT1 (the first directory) and CMT2 (the EXIF directory).
const cr3Mark = "ftypcrx "

// The boxes uuid with Canon's own boxes, in moov and at the top.
const (
	cr3Data    = "\x85\xc0\xb6\x87\x82\x0f\x11\xe0\x81\x11\xf4\xce\x46\x2b\x6a\x48"
	cr3Preview = "\xea\xf4\x2b\x5e\x1c\x98\x4b\x88\xb9\xfb\xb7\xdc\x40\x6e\x4d\x16"
)

// isCR3 tells whether a file is CR3.
func isCR3(b []byte) bool { return len(b) >= 12 && string(b[4:12]) == cr3Mark }

// boxes gives the kinds and contents of the boxes in b, one after the other, up to one that does not lie in b.
func boxes(b []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for len(b) >= 8 {
			size, head := uint64(binary.BigEndian.Uint32(b)), uint64(8)
			switch {
			case size == 0: // up to the end
				size = uint64(len(b))
			case size == 1 && len(b) >= 16:
				size, head = binary.BigEndian.Uint64(b[8:]), 16
			}
			if size < head || size > uint64(len(b)) || !yield(string(b[4:8]), b[head:size]) {
				return
			}
			b = b[size:]
		}
	}
}

// cr3 is what is read of a file.
type cr3 struct {
	file  []byte
	found [][]byte // that begin like JPEG files, at most maxDirectories
	first []byte   // CMT1
	exif  []byte   // CMT2
}

func readCR3(b []byte) *cr3 {
	c := &cr3{file: b}
	for kind, content := range boxes(b) {
		switch {
		case kind == "moov":
			c.movie(content)
		case kind == "uuid" && bytes.HasPrefix(content, []byte(cr3Preview)):
			const before = len(cr3Preview) + 8 // and the number of boxes
			for kind, content := range boxes(content[min(before, len(content)):]) {
				if kind == "PRVW" {
					c.counted(content, 12)
				}
			}
		}
	}
	return c
}

// movie reads the box moov.
func (c *cr3) movie(b []byte) {
	for kind, content := range boxes(b) {
		switch {
		case kind == "trak":
			c.track(content)
		case kind == "uuid" && bytes.HasPrefix(content, []byte(cr3Data)):
			for kind, content := range boxes(content[len(cr3Data):]) {
				switch kind {
				case "CMT1":
					c.first = content
				case "CMT2":
					c.exif = content
				case "THMB":
					c.counted(content, 8)
				}
			}
		}
	}
}

// counted takes the picture in a box PRVW or THMB, whose length is at a place of it; both begin at byte 16.
func (c *cr3) counted(b []byte, length int) {
	const start = 16
	if len(b) >= start {
		c.add(part(b, start, uint64(binary.BigEndian.Uint32(b[length:]))))
	}
}

// track takes the first sample of a track, which the sizes of samples and the places of chunks give. Of the tracks of CR3 only the first
// has JPEG; they have one sample each.
func (c *cr3) track(b []byte) {
	for _, inner := range []string{"mdia", "minf", "stbl"} {
		b = child(b, inner)
	}
	var size, place uint64
	sizes, places, places32 := child(b, "stsz"), child(b, "co64"), child(b, "stco")
	const same, list, at = 4, 12, 8 // of all samples or, where it is 0, of each; the first place
	if len(sizes) >= same+4 {
		size = uint64(binary.BigEndian.Uint32(sizes[same:]))
	}
	if size == 0 && len(sizes) >= list+4 {
		size = uint64(binary.BigEndian.Uint32(sizes[list:]))
	}
	switch {
	case len(places) >= at+8:
		place = binary.BigEndian.Uint64(places[at:])
	case len(places32) >= at+4:
		place = uint64(binary.BigEndian.Uint32(places32[at:]))
	}
	c.add(part(c.file, place, size))
}

// child is the content of the first box of a kind, nil where there is none.
func child(b []byte, want string) []byte {
	for kind, content := range boxes(b) {
		if kind == want {
			return content
		}
	}
	return nil
}

func (c *cr3) add(p []byte) {
	if p != nil && len(c.found) < maxDirectories {
		c.found = append(c.found, p)
	}
}

// EXIF are the EXIF data of a CR3 file, as a TIFF file whose first directory is the EXIF directory or, where that is missing, the one
// that comes before it; nil in other files.
func EXIF(b []byte) []byte {
	if !isCR3(b) {
		return nil
	}
	c := readCR3(b)
	if c.exif != nil {
		return c.exif
	}
	return c.first
}
