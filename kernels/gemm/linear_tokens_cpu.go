package gemm

import "udml-gpu/kernels"

// fewTokens is the number of tokens below which packing the weights for each image costs more than multiplying: as manyRows of the
// convolutions.
const fewTokens = 3

// linearTokens has a product for each image.
func linearTokens[T kernels.Float](y, x, w, b []T, tokens, out, in int) {
	if tokens < fewTokens && in > 0 {
		linearApart(y, x, w, b, in)
		return
	}
	eachPart(len(y)/max(1, tokens*out), tokens, out, func(image, i, j, height, width int) {
		top := image*tokens + i
		if b != nil {
			biased(false, true, height, width, in, x[top*in:], in, w[j*in:], in, b[j:j+width], y[top*out+j:], out)
			return
		}
		Block(false, true, height, width, in, 1, x[top*in:], in, w[j*in:], in, 0, y[top*out+j:], out)
	})
}
