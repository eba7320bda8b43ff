package distance

import "udml-gpu/kernels"

// FromFirst is y_i = x_i - x_0, of rows x [N,D]: squared distances, and their gradient by x, stay the same, and lose fewer digits where all
// rows are close together and far from 0. Each element is rounded once. float32 or float64; y may not be x.
func FromFirst(y, x *kernels.Array) {
	const op = "distance.FromFirst"
	kernels.WantShape(op, "x", x, -1, -1)
	kernels.WantShape(op, "y", y, x.Shape()...)
	switch kernels.PathOf(op, y, x) {
	case kernels.OnGPU:
		if x.Len() > 0 {
			x.Device().Launch(fromFirstKernel, kernels.Elements(x.Len()), kernels.Ptr(y), kernels.Ptr(x), kernels.I64(x.Len()),
				kernels.I32(x.Dim(1)))
		}
	case kernels.InFloat64:
		fromFirst(kernels.Data[float64](y), kernels.Data[float64](x), x.Dim(1))
	case kernels.InFloat32:
		fromFirst(kernels.Data[float32](y), kernels.Data[float32](x), x.Dim(1))
	}
}

var fromFirstKernel = kernels.NewKernel("distance_from_first")

func fromFirst[T kernels.Float](y, x []T, d int) {
	for i := range x {
		y[i] = x[i] - x[i%d]
	}
}
