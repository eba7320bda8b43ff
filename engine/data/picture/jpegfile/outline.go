package jpegfile

import (
	"bytes"
	"fmt"
)

// Outline is what the markers of a file say.
type Outline struct {
	Frame
	Process byte // of the frame header: the number n of SOFn
	Bits    int  // of a sample
	Scans   int
	Whole   bool // the first scan holds all components
	Stopped bool // a marker other than a restart follows a scan, so that its codes are complete
	Ended   bool // there is an end marker after a scan
}

// Progressive tells whether each scan holds only a part of each coefficient.
func (o *Outline) Progressive() bool { return o.Process == 2 || o.Process == 10 }

// ArithmeticCoding is a coding that libjpeg-turbo decodes and Go does not.
const ArithmeticCoding = "arithmetic coding"

// Kind is the special kind of coding of a file in a few words; "" for Huffman codes of 8-bit samples, which every
// decoder reads.
func (o *Outline) Kind() string {
	switch {
	case o.Bits != 8:
		return fmt.Sprintf("%d bits a sample", o.Bits)
	case o.Process == 9 || o.Process == 10:
		return ArithmeticCoding
	case o.Process == 3 || o.Process == 11:
		return "lossless coding"
	case o.Process > 2:
		return "hierarchical coding"
	case o.Components != 1 && o.Components != 3 && o.Components != 4:
		return fmt.Sprintf("%d components", o.Components)
	}
	return ""
}

// Markers without a length, and markers in the range of frame headers that are not frame headers (table B.1).
const (
	sof15         = 0xcf
	jpgX, dac     = 0xc8, 0xcc
	tem, stuffing = 0x01, 0x00
)

// OutlineOf reads the markers of a file like libjpeg, which skips bytes that belong to no segment. Where the file
// breaks off, the outline covers what came before. A file without a frame header has no components.
func OutlineOf(b []byte) Outline { return outline(b, false) }

// FrameOf is the frame of OutlineOf. It reads no further than the frame header.
func FrameOf(b []byte) Frame { return HeaderOf(b).Frame }

// HeaderOf is OutlineOf without what follows the frame header.
func HeaderOf(b []byte) Outline { return outline(b, true) }

func outline(b []byte, frameAlone bool) (o Outline) {
	if !bytes.HasPrefix(b, []byte{0xff, soi}) {
		return o
	}
	for b = b[2:]; ; {
		marker, rest := nextMarker(b)
		if marker >= rst0 && marker <= rst7 {
			b = rest
			continue
		}
		o.Stopped = o.Stopped || o.Scans > 0 && marker != stuffing
		switch marker {
		case stuffing, soi:
			return o
		case eoi:
			o.Ended = o.Scans > 0
			return o
		case tem:
			b = rest
			continue
		}
		payload, rest, whole := payloadOf(rest)
		if !whole {
			return o
		}
		o.take(marker, payload)
		if frameAlone && o.Components > 0 {
			return o
		}
		b = rest
	}
}

// nextMarker finds a marker: one or more 0xff, and a byte that is not 0. Where there is none, marker is stuffing.
func nextMarker(b []byte) (marker byte, rest []byte) {
	for {
		i := bytes.IndexByte(b, 0xff)
		if i < 0 {
			return stuffing, nil
		}
		for b = b[i:]; len(b) > 0 && b[0] == 0xff; {
			b = b[1:]
		}
		if len(b) == 0 {
			return stuffing, nil
		}
		if b[0] != stuffing {
			return b[0], b[1:]
		}
	}
}

// payloadOf takes what follows the marker of a segment: its length and that many bytes. As in libjpeg, a length too small to
// include itself is not whole.
func payloadOf(b []byte) (payload, rest []byte, whole bool) {
	if len(b) < 2 {
		return nil, nil, false
	}
	end := max(int(b[0])<<8|int(b[1]), 2)
	if end > len(b) {
		return nil, nil, false
	}
	return b[2:end], b[end:], true
}

func (o *Outline) take(marker byte, payload []byte) {
	frame := marker >= sof0 && marker <= sof15 && marker != dht && marker != jpgX && marker != dac
	switch {
	case marker == sos:
		if o.Scans++; o.Scans == 1 {
			o.Whole = len(payload) > 0 && int(payload[0]) == o.Components
		}
	case frame && o.Components == 0 && len(payload) >= 6:
		o.Height, o.Width = int(payload[1])<<8|int(payload[2]), int(payload[3])<<8|int(payload[4])
		o.Components, o.Bits, o.Process = int(payload[5]), int(payload[0]), marker-sof0
	}
}
