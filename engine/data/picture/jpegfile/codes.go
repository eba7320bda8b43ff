package jpegfile

// codeTable is a Huffman table for reading over codes. What follows from a code stands in one word: see step.
type codeTable struct {
	short [1 << shortBits]step // by the next bits; 0: the code is longer, or there is none
	limit [17]int32            // for each length, the first code beyond those of the length, left-aligned to 16 bits
	first [17]int32            // for each length, index in steps of its code 0, may be negative
	steps []step
}

// shortBits covers all but the rare codes; the tables of a file then stay in the first-level cache.
const shortBits = 11

// step is what a code means for one who only counts: the bits that it takes together with the value behind it (the low
// byte), and by how many coefficients it moves on (the byte above). 0 is no code.
type step uint16

const (
	moveShift   = 8
	endOfBlock  = 128 // moves; the longest other step is 16, so that 64 and 128 tell a block's legal ends
	longestStep = 31  // bits: a code of 16 and a value of 15
)

// newCodeTable makes the table of canonical codes (C.2): lengths are the numbers of codes of 1 to 16 bits. It is nil where
// there are more codes of a length than bits allow, or a symbol that a sequential file has no use for.
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

// fill puts a code under all that may follow it.
func (t *codeTable) fill(code int32, length int, s step) {
	spare := shortBits - length
	for i := range 1 << spare {
		t.short[int(code)<<spare|i] = s
	}
}

// stepOf is what a symbol with a code of that length means: for DC the bits of a difference, for AC a run of zeros and the
// bits of the coefficient behind it (F.1.2).
func stepOf(symbol byte, length int, ac bool) (s step, ok bool) {
	run, bits := int(symbol>>4), int(symbol&15)
	switch {
	case !ac:
		return step(length+bits) | 1<<moveShift, run == 0
	case symbol == 0:
		return step(length) | endOfBlock<<moveShift, true
	case bits == 0 && run < 15: // ends several blocks, in progressive files alone
		return 0, false
	}
	return step(length+bits) | step(run+1)<<moveShift, true
}

// long looks up the code at the front of the next 16 bits, whatever its length.
func (t *codeTable) long(bits int32) step {
	for length := 1; length <= 16; length++ {
		if bits < t.limit[length] {
			return t.steps[t.first[length]+bits>>(16-length)]
		}
	}
	return 0
}
