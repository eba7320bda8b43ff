package tape

// blocks are what Blocks is recording.
type blocks struct {
	block int // that Block has named; unnamed before the first
}

const unnamed = -1

// Blocks records the ops of f so that each block of them, which Block tells apart, is a span like those of Again: of a block that has a
// backward pass only what other ops read is kept, such as its input, and its ops run again before that pass. Within Again they run a
// third time, but for those of the last block, whose backward pass follows at once.
func (t *Tape) Blocks(f func()) {
	if t.blocks != nil {
		panic("tape: Blocks within Blocks")
	}
	in := t.span
	t.blocks = &blocks{block: unnamed}
	t.span = t.newSpan(in)
	f()
	if in != 0 {
		t.dissolve(t.span, in)
	}
	t.blocks, t.span = nil, in
}

// Block says that the next ops belong to the block of that number, from 0, of Blocks; what comes before the first call belongs to the
// first block that is named. Outside of Blocks it says nothing.
func (t *Tape) Block(number int) {
	b := t.blocks
	if b == nil || b.block == number {
		return
	}
	if b.block != unnamed {
		t.span = t.newSpan(t.spans[t.span])
	}
	b.block = number
}

// dissolve lets the ops of a span belong to the one that it lies in.
func (t *Tape) dissolve(span, in int) {
	for _, op := range t.ops {
		if op.span == span {
			op.span = in
		}
	}
}
