package gemm

import "udml-gpu/kernels"

// fewTokens is the number of tokens below which packing the weights for each image costs more than multiplying: as manyRows of the
// convolutions.
const fewTokens = 3

// linearTokens has a product for each image; the bias is written where the product then adds to it.
func linearTokens[T kernels.Float](y, x, w, b []T, tokens, out, in int) {
	if tokens < fewTokens && in > 0 {
		linearApart(y, x, w, b, in)
		return
	}
	eachPart(len(y)/max(1, tokens*out), tokens, out, func(image, i, j, height, width int) {
		top, beta := image*tokens+i, T(0)
		part := y[top*out+j:]
		if b != nil {
			beta = 1
			for r := range height {
				copy(part[r*out:], b[j:j+width])
			}
		}
		Block(false, true, height, width, in, 1, x[top*in:], in, w[j*in:], in, beta, part, out)
	})
}
