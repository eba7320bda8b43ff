package resize

import "udml-gpu/kernels"

// Bilinear resizes x [N,H,W,C] to y's height and width, as torch's interpolate(mode="bilinear", align_corners=False,
// antialias=False): output row i lies at input row max(0, (i+0.5) H/OH - 0.5), between the row of that whole number and the
// next (the last one again at the border); columns likewise. float32 or float64; weights are rounded from float64.
// On CUDA, H times OH and W times OW must be below 2^28.
func Bilinear(y, x *kernels.Array) {
	wantMaps("resize.Bilinear", y, x)
	switch kernels.PathOf("resize.Bilinear", y, x) {
	case kernels.OnGPU:
		bilinearCUDA(y, x)
	case kernels.InFloat64:
		bilinear[float64](y, x)
	case kernels.InFloat32:
		bilinear[float32](y, x)
	}
}

// BilinearBackward is the gradient of Bilinear: each element of dy goes to the four elements of dx that it came from. The
// order of the sums is fixed; cores share the images. On CUDA each element of dx sums up a row of dy first, then the rows.
func BilinearBackward(dx, dy *kernels.Array) {
	if dx == nil {
		return
	}
	wantMaps("resize.BilinearBackward", dy, dx)
	switch kernels.PathOf("resize.BilinearBackward", dx, dy) {
	case kernels.OnGPU:
		bilinearBackwardCUDA(dx, dy)
	case kernels.InFloat64:
		bilinearBackward[float64](dx, dy)
	case kernels.InFloat32:
		bilinearBackward[float32](dx, dy)
	}
}

// BilinearWeights are those of Bilinear along one axis, [out,in]: an output is the sum of its row times the inputs.
func BilinearWeights(out, in int) []float32 {
	a, w := newAxis[float32](out, in), make([]float32, out*in)
	defer a.free()
	for i, part := range a.part {
		w[i*in+int(a.lo[i])] += 1 - part
		w[i*in+int(a.hi[i])] += part
	}
	return w
}

func wantMaps(op string, y, x *kernels.Array) {
	kernels.WantShape(op, "the input", x, -1, -1, -1, -1)
	kernels.WantShape(op, "the output", y, x.Dim(0), -1, -1, x.Dim(3))
	if x.Dim(1)*x.Dim(2) == 0 && y.Len() > 0 {
		panic(op + ": " + x.String() + " has no pixels to make " + y.String() + " of")
	}
}
