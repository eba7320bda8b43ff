package gemm

import "udml-gpu/kernels"

// The parts of an image's product. The library packs both operands of a product, so that narrow parts cost more: of 197 tokens and
// 1536 outputs, parts of 768 outputs take 1.02 times as long as the whole, and of 256 outputs 1.1 times. Two parts keep two
// cores busy with a single image.
const (
	tokenRows = 512
	tokenCols = 768
	// fewTokens is the number of tokens below which packing the weights for each image costs more than multiplying: as
	// manyRows of the convolutions.
	fewTokens = 3
)

// linearTokens computes part by part; the bias is written where the product then adds to it.
func linearTokens[T kernels.Float](y, x, w, b []T, tokens, out, in int) {
	if tokens < fewTokens && in > 0 {
		linearApart(y, x, w, b, in)
		return
	}
	down, across := kernels.TileCount(tokens, tokenRows), kernels.TileCount(out, tokenCols)
	if len(y) == 0 {
		return
	}
	rows, cols := kernels.TileCount(tokens, down), kernels.TileCount(out, across)
	kernels.Tiles(len(y)/(tokens*out)*down*across, 1, func(t, _ int) {
		i, j := t/across%down*rows, t%across*cols
		top, height, width := t/across/down*tokens+i, min(rows, tokens-i), min(cols, out-j)
		part, beta := y[top*out+j:], T(0)
		if b != nil {
			beta = 1
			for r := range height {
				copy(part[r*out:], b[j:j+width])
			}
		}
		Block(false, true, height, width, in, 1, x[top*in:], in, w[j*in:], in, beta, part, out)
	})
}
