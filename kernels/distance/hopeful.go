package distance

import (
	"math"

	"udml-gpu/cgo/vector"
	"udml-gpu/kernels"
)

// A row of a block of scores is looked at in parts, since soon most hold nothing better than what was found.
const (
	partCols   = 64
	partsOfRow = tileCols / partCols
)

// hopeful finds the parts of rows of a block of scores that collectors have to look at.
type hopeful[T kernels.Float] struct {
	any []bool
	bar []T
}

func newHopeful[T kernels.Float](rows int) *hopeful[T] {
	return &hopeful[T]{make([]bool, rows*partsOfRow), make([]T, rows*partsOfRow)}
}

// parts tells for each collector, and each part of its row, whether it would take one of the scores. Rows are tileCols apart and have cols
// scores: what lies behind them is not asked for.
func (h *hopeful[T]) parts(block []T, cols int, found []collector[T]) []bool {
	for i := range found {
		bar := T(math.Inf(-1))
		if found[i].full {
			bar = found[i].bar
		}
		for p := range partsOfRow {
			h.bar[i*partsOfRow+p] = bar
		}
		clear(block[i*tileCols+cols : (i+1)*tileCols]) // a last block has no scores to its end
	}
	if vectorised[T]() {
		vector.AnyAbove(h.any, kernels.AsFloat32(block), partCols, partCols, kernels.AsFloat32(h.bar))
	} else {
		anyAboveLoop(h.any, block, partCols, partCols, h.bar)
	}
	for i := range found {
		for p := range partsOfRow { // of a collector that is not full even -Inf is taken
			h.any[i*partsOfRow+p] = found[i].k > 0 && (h.any[i*partsOfRow+p] || !found[i].full)
		}
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
