package jpegfile

// codeTable is a Huffman table for counting codes without decoding values. The meaning of a code is one word: see step.
type codeTable struct {
	short [1 << shortBits]step // indexed by the next bits; 0: the code is longer, or invalid
	limit [17]int32            // for each length, the first code beyond those of the length, left-aligned to 16 bits
	first [17]int32            // for each length, index in steps of its code 0, may be negative
	steps []step
}

// shortBits covers all but rare codes and keeps the tables of a file in the first-level cache.
const shortBits = 11

// step is the meaning of a code for counting: the bits of the code and of the value behind it (the low
// byte), and the number of coefficients to advance (the byte above). 0 is not a code.
type step uint16

const (
	moveShift   = 8
	endOfBlock  = 128 // advance; any other step is at most 16, so that 64 and 128 mark the legal ends of a block
	longestStep = 31  // in bits: a code of 16 and a value of 15
)

// newCodeTable makes the table of canonical codes (C.2): lengths are the numbers of codes of 1 to 16 bits. It is nil where
// there are more codes of a length than bits allow, or a symbol that is not valid in a sequential file.
func newCodeTable(lengths, symbols []byte, ac bool) *codeTable {
	t := &codeTable{steps: make([]step, len(symbols))}
	code, next := int32(0), 0
	for length := 1; length <= 16; length++ {
		t.first[length] = int32(next) - code
		for range lengths[length-1] {
			s, ok := stepOf(symbols[next], length, ac)
			if !ok || code >= 1<<length {
				return nil
			}
			t.steps[next] = s
			if length <= shortBits {
				t.fill(code, length, s)
			}
			code, next = code+1, next+1
		}
		t.limit[length] = code << (16 - length)
		code <<= 1
	}
	return t
}

// fill enters a code at all indices that begin with it.
func (t *codeTable) fill(code int32, length int, s step) {
	spare := shortBits - length
	for i := range 1 << spare {
		t.short[int(code)<<spare|i] = s
	}
}

// stepOf is the meaning of a symbol with a code of that length: for DC the bits of a difference, for AC a run of zeros and the
// bits of the coefficient behind it (F.1.2).
func stepOf(symbol byte, length int, ac bool) (s step, ok bool) {
	run, bits := int(symbol>>4), int(symbol&15)
	switch {
	case !ac:
		return step(length+bits) | 1<<moveShift, run == 0
	case symbol == 0:
		return step(length) | endOfBlock<<moveShift, true
	case bits == 0 && run < 15: // ends several blocks, which only progressive files do
		return 0, false
	}
	return step(length+bits) | step(run+1)<<moveShift, true
}

// long looks up a code of any length at the front of the next 16 bits.
func (t *codeTable) long(bits int32) step {
	for length := 1; length <= 16; length++ {
		if bits < t.limit[length] {
			return t.steps[t.first[length]+bits>>(16-length)]
		}
	}
	return 0
}
