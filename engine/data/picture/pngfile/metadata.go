package pngfile

import (
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"io"
)

// Metadata are the EXIF data and the XMP data of a file; nil where there are none. EXIF data have their own chunk;
// older programs wrote them as a text of hexadecimal digits.
func Metadata(b []byte) (exif, xmp []byte) {
	var profile []byte
	for c := range chunks(b) {
		switch c.kind {
		case "eXIf":
			exif = c.payload
		case "tEXt", "zTXt", "iTXt":
			switch key, text := textOf(c); key {
			case "Raw profile type exif":
				profile = text
			case "XML:com.adobe.xmp":
				xmp = text
			}
		}
	}
	if exif == nil {
		exif = fromProfile(profile)
	}
	return exif, xmp
}

// textOf is the key and the text of a chunk, unpacked if necessary.
func textOf(c chunk) (key string, text []byte) {
	name, text, _ := bytes.Cut(c.payload, []byte{0})
	packed := c.kind == "zTXt"
	if c.kind == "iTXt" {
		if len(text) < 2 {
			return "", nil
		}
		packed, text = text[0] != 0, text[1:] // keeps the byte for the method, as in a zTXt chunk
		method := text[:1]
		_, text, _ = bytes.Cut(text[1:], []byte{0}) // the language
		_, text, _ = bytes.Cut(text, []byte{0})     // the key in that language
		if packed {
			text = append(bytes.Clone(method), text...)
		}
	}
	if packed {
		text = unpacked(text)
	}
	return string(name), text
}

// longestText bounds an unpacked text, as in Pillow.
const longestText = 1 << 20

// unpacked is the unpacked text that follows the byte for the method of packing.
func unpacked(b []byte) []byte {
	if len(b) < 1 || b[0] != 0 {
		return nil
	}
	r, err := zlib.NewReader(bytes.NewReader(b[1:]))
	if err != nil {
		return nil
	}
	text, err := io.ReadAll(io.LimitReader(r, longestText))
	if err != nil {
		return nil
	}
	return text
}

// fromProfile decodes a text of three lines (one of them empty) and hexadecimal digits.
func fromProfile(text []byte) []byte {
	lines := bytes.SplitN(text, []byte{'\n'}, 4)
	if len(lines) < 4 {
		return nil
	}
	digits := bytes.Join(bytes.Fields(lines[3]), nil)
	data := make([]byte, hex.DecodedLen(len(digits)))
	if _, err := hex.Decode(data, digits); err != nil {
		return nil
	}
	return data
}
