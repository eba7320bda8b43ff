package join

import "udml-gpu/kernels"

// Scale is y = s[0] x; s is an array of shape [1], so that the factor may be known to the device alone.
// y and x may be the same array; a nil y means: not wanted.
func Scale(y, x, s *kernels.Array) {
	if y == nil {
		return
	}
	kernels.WantShape("join.Scale", "y", y, x.Shape()...)
	kernels.WantShape("join.Scale", "s", s, 1)
	switch kernels.PathOf("join.Scale", y, x, s) {
	case kernels.OnGPU:
		scaleCUDA(y, x, s)
	case kernels.InFloat64:
		scale(kernels.Data[float64](y), kernels.Data[float64](x), kernels.Data[float64](s)[0])
	case kernels.InFloat32:
		scale(kernels.Data[float32](y), kernels.Data[float32](x), kernels.Data[float32](s)[0])
	}
}

// AddScaled is y += alpha x, for equal shapes.
func AddScaled(y, x *kernels.Array, alpha float64) {
	kernels.WantShape("join.AddScaled", "y", y, x.Shape()...)
	switch kernels.PathOf("join.AddScaled", y, x) {
	case kernels.OnGPU:
		addScaledCUDA(y, x, alpha)
	case kernels.InFloat64:
		addScaled(kernels.Data[float64](y), kernels.Data[float64](x), alpha)
	case kernels.InFloat32:
		addScaled(kernels.Data[float32](y), kernels.Data[float32](x), float32(alpha))
	}
}

func scale[T kernels.Float](y, x []T, s T) {
	kernels.Tiles(len(x), tile, func(lo, hi int) {
		y, x := y[lo:hi], x[lo:hi]
		y = y[:len(x)]
		for i, v := range x {
			y[i] = s * v
		}
	})
}

func addScaled[T kernels.Float](y, x []T, alpha T) {
	for i, v := range x {
		y[i] += alpha * v
	}
}
