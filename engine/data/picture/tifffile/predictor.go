package tifffile

// knownPredictor tells whether samples are stored directly (1), as differences from the pixel before (2), or as floating point
// numbers split into bytes, as differences (3).
func (s *stored) knownPredictor() bool {
	switch s.l.predictor {
	case 1:
		return true
	case 2:
		return s.l.bits == 8 || s.l.bits == 16 || s.l.bits == 32
	case 3:
		return s.l.bits == 32 && s.l.format == float
	}
	return false
}

// undoPredictor restores the samples of a chunk, each row by itself (TIFF 6.0, section 14; Adobe's technical note 3).
func (s *stored) undoPredictor(b []byte) {
	row, samples := s.l.rowBytes(), s.l.interleaved()
	if s.l.predictor < 2 || s.l.compression == packBits || s.l.compression == group3 || s.l.compression == group4 {
		return
	}
	for ; len(b) >= row; b = b[row:] {
		switch {
		case s.l.predictor == 3:
			s.joinFloats(b[:row], samples)
		case s.l.bits == 8:
			for i := samples; i < row; i++ {
				b[i] += b[i-samples]
			}
		case s.l.bits == 16:
			for i := 2 * samples; i+2 <= row; i += 2 {
				s.d.order.PutUint16(b[i:], s.d.order.Uint16(b[i:])+s.d.order.Uint16(b[i-2*samples:]))
			}
		default:
			for i := 4 * samples; i+4 <= row; i += 4 {
				s.d.order.PutUint32(b[i:], s.d.order.Uint32(b[i:])+s.d.order.Uint32(b[i-4*samples:]))
			}
		}
	}
}

// joinFloats undoes the predictor of floating point numbers: a row holds first the highest bytes of all numbers, then the next ones,
// and so on, whatever the byte order of the file.
func (s *stored) joinFloats(row []byte, samples int) {
	for i := samples; i < len(row); i++ {
		row[i] += row[i-samples]
	}
	n := len(row) / 4
	apart := make([]byte, len(row))
	copy(apart, row)
	for i := range n {
		s.d.order.PutUint32(row[4*i:], uint32(apart[i])<<24|uint32(apart[n+i])<<16|uint32(apart[2*n+i])<<8|uint32(apart[3*n+i]))
	}
}
