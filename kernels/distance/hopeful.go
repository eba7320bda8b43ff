package distance

import (
	"math"

	"udml-gpu/cgo/vector"
	"udml-gpu/kernels"
)

// hopeful finds the rows of a block of scores that collectors have to look at: soon most blocks hold nothing better than what was found.
type hopeful[T kernels.Float] struct {
	any []bool
	bar []T
}

func newHopeful[T kernels.Float](rows int) *hopeful[T] {
	return &hopeful[T]{make([]bool, rows), make([]T, rows)}
}

// rows tells for each collector whether it would take one of the cols scores of its row, which lie tileCols apart.
func (h *hopeful[T]) rows(block []T, cols int, found []collector[T]) []bool {
	for i := range found {
		h.bar[i] = T(math.Inf(-1))
		if found[i].full {
			h.bar[i] = found[i].bar
		}
	}
	if vectorised[T]() {
		vector.AnyAbove(h.any, kernels.AsFloat32(block), tileCols, cols, kernels.AsFloat32(h.bar))
	} else {
		anyAboveLoop(h.any, block, tileCols, cols, h.bar)
	}
	for i := range found {
		h.any[i] = found[i].k > 0 && (h.any[i] || !found[i].full) // of a collector that is not full even -Inf is taken
	}
	return h.any
}

// anyAboveLoop tells of each row of block, rows ld apart, whether one of its cols numbers is above the row's bar.
func anyAboveLoop[T kernels.Float](any []bool, block []T, ld, cols int, bar []T) {
	for i := range any {
		any[i] = false
		for _, v := range block[i*ld:][:cols] {
			any[i] = any[i] || v > bar[i]
		}
	}
}
