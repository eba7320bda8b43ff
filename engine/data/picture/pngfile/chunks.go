// Package pngfile decodes PNG files with image/png. Files that it refuses although their pixels are there are decoded once more, with
// only the parts needed for pixels: files without an end, with more pixels than the picture has, with a wrong checksum or a wrong
// order of chunks. What is accepted is what Pillow accepts. The bytes are not trusted: all reading stays within them.
package pngfile

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"iter"
)

const signature = "\x89PNG\r\n\x1a\n"

// chunk is a part of a file.
type chunk struct {
	kind    string
	payload []byte // possibly cut off in the last chunk of a file
	sound   bool   // its checksum is present and correct
}

// chunks yields the chunks of a file up to its end.
func chunks(b []byte) iter.Seq[chunk] {
	return func(yield func(chunk) bool) {
		for b = b[min(len(signature), len(b)):]; len(b) >= 8; {
			length := int64(binary.BigEndian.Uint32(b))
			c := chunk{kind: string(b[4:8])}
			if int64(len(b)) < 12+length {
				c.payload, b = b[8:min(int64(len(b)), 8+length)], nil
			} else {
				sum := binary.BigEndian.Uint32(b[8+length:])
				c.payload, c.sound = b[8:8+length], crc32.ChecksumIEEE(b[4:8+length]) == sum
				b = b[12+length:]
			}
			if !yield(c) || c.kind == "IEND" {
				return
			}
		}
	}
}

// ihdr is the length of the header's fields; some files have more bytes after them.
const ihdr = 13

// parts are the parts of a file needed for its pixels.
type parts struct {
	header  [ihdr]byte
	palette []byte
	data    [][]byte // compressed pixels
}

// readParts collects the parts. Only the header and the palette must have a correct checksum: the pixels have their own.
func readParts(b []byte) (p parts, err error) {
	found := false
	for c := range chunks(b) {
		switch c.kind {
		case "IHDR":
			if found || !c.sound || len(c.payload) < ihdr {
				return p, errors.New("its header is damaged")
			}
			p.header, found = [ihdr]byte(c.payload), true
		case "PLTE":
			if len(p.data) == 0 {
				if !c.sound {
					return p, errors.New("its palette is damaged")
				}
				p.palette = c.payload
			}
		case "IDAT":
			p.data = append(p.data, c.payload)
		}
	}
	if !found {
		return p, errors.New("it has no header")
	}
	return p, nil
}

// Config reads the size.
func Config(b []byte) (image.Config, error) {
	for c := range chunks(b) {
		if c.kind == "IHDR" && c.sound && len(c.payload) >= ihdr {
			w, h := binary.BigEndian.Uint32(c.payload), binary.BigEndian.Uint32(c.payload[4:])
			return image.Config{Width: int(w), Height: int(h)}, nil
		}
	}
	return image.Config{}, errors.New("it has no header")
}
