package conv

import (
	"udml-gpu/cgo/onednn"
	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
	"udml-gpu/kernels/gemm"
)

// BackwardData is the gradient of Forward with respect to x, given dy, the gradient of y:
//
//	dx[n,h,w,c] = sum over o,p,q with i Stride + p - Pad = h and j Stride + q - Pad = w of w[o,p,q,c] dy[n,i,j,o]
//
// dx [N,H,W,C] is overwritten, or added to when accumulate. Of s, ReLU is ignored: BackwardWeights has set dy
// to 0 where y is 0. dx must not be dy. A nil dx is not computed. Types are Forward's. Error: that of a sum of KH KW O products; on
// a GPU as with Forward.
func BackwardData(dx, dy, w *kernels.Array, s Spec, accumulate bool) {
	if dx == nil {
		return
	}
	g := geometryOf("conv.BackwardData", dy, dx, w, s)
	switch kernels.PathOfMaps("conv.BackwardData", []*kernels.Array{dy, dx, w}) {
	case kernels.OnGPU:
		backwardDataCUDA(dx, dy, w, g, accumulate)
	case kernels.InFloat64:
		backwardData(kernels.Data[float64](dx), kernels.Data[float64](dy), kernels.Data[float64](w), g, accumulate)
	case kernels.InFloat32:
		in, out, filters := kernels.Data[float32](dx), kernels.Data[float32](dy), kernels.Data[float32](w)
		if !g.library(onednn.BackwardData) || !backwardDataLibrary(in, out, filters, g, accumulate) {
			backwardData(in, out, filters, g, accumulate)
		}
	case kernels.InBFloat16:
		var wide bfloat.Wide
		BackwardData(wide.Out(dx), wide.In(dy), wide.In(w), s, accumulate)
		wide.Done()
	}
}

// BackwardWeights is the gradient of Forward with respect to the weights and the bias, given dy, the gradient of y:
//
//	dw[o,p,q,c] = sum_{n,i,j} dy[n,i,j,o] x[n, i Stride + p - Pad, j Stride + q - Pad, c]
//	db[o] = sum_{n,i,j} dy[n,i,j,o]
//
// dw [O,KH,KW,C] and db [O] are overwritten; a nil one is not computed. With s.ReLU, dy is first set to 0, in place,
// where y [N,OH,OW,O] is 0 (NaN is not 0), so that BackwardData finds it so; without, y is not read and may be nil.
// Sums are kept for a number of parts of the batch that the shape decides, and these added in order; on a GPU as with Forward. Where x, dy
// and y are bfloat16, dw and db are float32; cuDNN rounds dw to bfloat16.
func BackwardWeights(dw, db, x, dy, y *kernels.Array, s Spec) {
	const op = "conv.BackwardWeights"
	if s.ReLU {
		kernels.WantShape(op, "y", y, dy.Shape()...)
	} else {
		y = nil
	}
	if db != nil {
		kernels.WantShape(op, "db", db, dy.Dim(3))
	}
	maps := []*kernels.Array{dy, y}
	if dw != nil {
		maps = append(maps, x)
	}
	switch kernels.PathOfMaps(op, maps, dw, db) {
	case kernels.OnGPU:
		backwardWeightsCUDA(dw, db, x, dy, y, s)
	case kernels.InFloat64:
		backward[float64](dw, db, x, dy, y, s)
	case kernels.InFloat32:
		backward[float32](dw, db, x, dy, y, s)
	case kernels.InBFloat16:
		var wide bfloat.Wide
		BackwardWeights(dw, db, wide.In(x), wide.Out(dy), wide.In(y), s)
		wide.Done()
	}
}

// backward is BackwardWeights on arrays of one type.
func backward[T kernels.Float](dw, db, x, dy, y *kernels.Array, s Spec) {
	out, biases := kernels.Data[T](dy), elements[T](db)
	if dw == nil {
		maskAll(out, elements[T](y))
		gemm.SumRows(biases, out)
		return
	}
	g, in, sums := geometryOf("conv.BackwardWeights", dy, x, dw, s), kernels.Data[T](x), kernels.Data[T](dw)
	if kernels.TypeOf[T]() == kernels.Float32 && g.library(onednn.BackwardWeights) {
		single := kernels.AsFloat32[T]
		if backwardWeightsLibrary(single(sums), single(biases), single(in), single(out), single(elements[T](y)), g) {
			return
		}
	}
	backwardWeights(sums, biases, in, out, elements[T](y), g)
}
