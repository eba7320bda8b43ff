package jpegfile

// Plain tells whether b is a complete sequential JPEG of 8 bits with one scan of all its one or three components,
// whose every code is legal and which holds exactly as many codes as its size needs: a file
// that Go's decoder reads (tested by FuzzPlain), and that no decoder has to repair. Files of other kinds, such as
// progressive ones, are not plain, whether damaged or not.
func Plain(b []byte) (f Frame, plain bool) {
	var read reading
	scans, last := 0, byte(0)
	for s := range segments(b) {
		if !read.take(s) {
			return f, false
		}
		if s.marker == sos {
			scans++
		}
		last = s.marker
	}
	return Frame{read.width, read.height, len(read.components)}, scans == 1 && last == eoi
}

// Frame is the shape of the picture of a plain file: its pixels, and 1 component for grey or 3.
type Frame struct{ Width, Height, Components int }

// reading is the state from the segments before a scan.
type reading struct {
	width, height int
	components    []component
	interval      int              // MCUs between restart markers, 0: no restart markers
	tables        [2][2]*codeTable // of DC and AC, by number
}

type component struct {
	id   byte
	h, v int // sampling factors
}

// take reads a segment, and tells whether a plain file may have it there.
func (f *reading) take(s segment) bool {
	switch {
	case s.marker == sof0 || s.marker == sof1:
		return f.components == nil && f.start(s.payload)
	case s.marker == dht:
		return f.defineCodes(s.payload)
	case s.marker == dqt:
		return legalQuantisation(s.payload)
	case s.marker == dri && len(s.payload) == 2:
		f.interval = int(s.payload[0])<<8 | int(s.payload[1])
		return true
	case s.marker == sos:
		return f.scan(s)
	}
	return s.marker == eoi || s.marker == com || s.marker >= app0 && s.marker <= app15
}

// start reads a frame header (B.2.2).
func (f *reading) start(p []byte) bool {
	if len(p) != 6+3 && len(p) != 6+9 || p[0] != 8 || int(p[5]) != (len(p)-6)/3 {
		return false
	}
	f.height, f.width = int(p[1])<<8|int(p[2]), int(p[3])<<8|int(p[4])
	for i := 6; i < len(p); i += 3 {
		c := component{id: p[i], h: int(p[i+1] >> 4), v: int(p[i+1] & 15)}
		for _, other := range f.components {
			if other.id == c.id {
				return false
			}
		}
		if p[i+2] > 3 {
			return false
		}
		f.components = append(f.components, c)
	}
	return f.width > 0 && f.height > 0 && f.usualSampling()
}

// usualSampling tells whether the sampling is 4:4:4, 4:2:2, 4:2:0, 4:4:0 or 4:1:1, written with chroma factors of one. For a single
// component the factors have no meaning (A.2.2).
func (f *reading) usualSampling() bool {
	if len(f.components) == 1 {
		c := &f.components[0]
		legal := c.h == 1 && c.v == 1 || c.h == 2 && c.v <= 2 && c.v >= 1
		c.h, c.v = 1, 1
		return legal
	}
	for _, c := range f.components[1:] {
		if c.h != 1 || c.v != 1 {
			return false
		}
	}
	switch luma := f.components[0]; luma.h<<4 | luma.v {
	case 0x11, 0x21, 0x22, 0x12, 0x41:
		return true
	}
	return false
}

// legalQuantisation tells whether the segment consists of whole tables (B.2.4.1). Their values are not checked.
func legalQuantisation(p []byte) bool {
	for len(p) > 0 {
		size := 1 + 64<<(p[0]>>4)
		if p[0]>>4 > 1 || p[0]&15 > 3 || len(p) < size {
			return false
		}
		p = p[size:]
	}
	return true
}

// defineCodes reads the tables of a segment (B.2.4.2). Table numbers above 1 do not occur in plain files.
func (f *reading) defineCodes(p []byte) bool {
	for len(p) > 0 {
		if len(p) < 17 || p[0]>>4 > 1 || p[0]&15 > 1 {
			return false
		}
		class, lengths, total := p[0]>>4, p[1:17], 0
		for _, n := range lengths {
			total += int(n)
		}
		if total == 0 || total > 256 || len(p) < 17+total {
			return false
		}
		t := newCodeTable(lengths, p[17:17+total], class == 1)
		if t == nil {
			return false
		}
		f.tables[class][p[0]&15] = t
		p = p[17+total:]
	}
	return true
}
