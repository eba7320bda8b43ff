package conv

import "udml-gpu/kernels"

// BackwardData is the gradient of Forward with respect to x, given dy, the gradient of y:
//
//	dx[n,h,w,c] = sum over o,p,q with i Stride + p - Pad = h and j Stride + q - Pad = w of w[o,p,q,c] dy[n,i,j,o]
//
// dx [N,H,W,C] is overwritten, or added to when accumulate. Of s, ReLU is ignored: the caller has set dy to 0 where
// y is 0. dx must not be dy. A nil dx is not computed. Error: that of a sum of KH KW O products.
func BackwardData(dx, dy, w *kernels.Array, s Spec, accumulate bool) {
	if dx == nil {
		return
	}
	g := geometryOf("conv.BackwardData", dy, dx, w, s)
	if dy.DType() == kernels.Float64 {
		backwardData(kernels.Data[float64](dx), kernels.Data[float64](dy), kernels.Data[float64](w), g, accumulate)
		return
	}
	backwardData(kernels.Data[float32](dx), kernels.Data[float32](dy), kernels.Data[float32](w), g, accumulate)
}

// BackwardWeights is the gradient of Forward with respect to the weights and the bias, given dy, the gradient of y:
//
//	dw[o,p,q,c] = sum_{n,i,j} dy[n,i,j,o] x[n, i Stride + p - Pad, j Stride + q - Pad, c]
//	db[o] = sum_{n,i,j} dy[n,i,j,o]
//
// dw [O,KH,KW,C] and db [O] are overwritten; a nil one is not computed. Of s, ReLU is ignored, as in BackwardData.
// Sums are kept for a number of parts of the batch that the shape decides, and these added in order.
func BackwardWeights(dw, db, x, dy *kernels.Array, s Spec) {
	if db != nil {
		kernels.WantShape("conv.BackwardWeights", "db", db, dy.Dim(3))
		kernels.WantType("conv.BackwardWeights", "db", db, dy.DType())
	}
	if dw == nil {
		backwardBias(db, dy)
		return
	}
	g := geometryOf("conv.BackwardWeights", dy, x, dw, s)
	if dy.DType() == kernels.Float64 {
		backwardWeights(kernels.Data[float64](dw), elements[float64](db), kernels.Data[float64](x), kernels.Data[float64](dy), g)
		return
	}
	backwardWeights(kernels.Data[float32](dw), elements[float32](db), kernels.Data[float32](x), kernels.Data[float32](dy), g)
}
