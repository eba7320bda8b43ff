package join

import "udml-gpu/kernels"

var (
	placeKernel     = kernels.NewStored("join_place")
	addKernel       = kernels.NewStored("join_add")
	addDoubleKernel = kernels.NewKernel("join_add_double")
	scaleKernel     = kernels.NewKernel("join_scale")
	addScaledKernel = kernels.NewKernel("join_add_scaled")
)

// placeCUDA copies x into its columns of y, or out of them when take.
func placeCUDA(y, x *kernels.Array, at int, take bool) {
	if x.Len() == 0 {
		return
	}
	y.Device().Launch(placeKernel.Of(x), kernels.Elements(x.Len()), kernels.Ptr(y), kernels.Ptr(x), kernels.I64(x.Len()/last(x)),
		kernels.I32(last(y)), kernels.I32(at), kernels.I32(last(x)), kernels.Bool(take))
}

func addCUDA(y, a, b *kernels.Array) {
	if y.Len() == 0 {
		return
	}
	dev, n := y.Device(), y.Len()
	if y.DType() == kernels.Float64 {
		dev.Launch(addDoubleKernel, kernels.Elements(n), kernels.Ptr(y), kernels.Ptr(a), kernels.Ptr(b), kernels.I64(n))
		return
	}
	pack := kernels.Pack(n, y, a, b)
	dev.Launch(addKernel.Of(y), kernels.Elements(n/pack), kernels.Ptr(y), kernels.Ptr(a), kernels.Ptr(b), kernels.I64(n), kernels.I32(pack))
}

func scaleCUDA(y, x, s *kernels.Array) {
	if y.Len() > 0 {
		y.Device().Launch(scaleKernel, kernels.Elements(y.Len()), kernels.Ptr(y), kernels.Ptr(x), kernels.Ptr(s), kernels.I64(y.Len()))
	}
}

func addScaledCUDA(y, x *kernels.Array, alpha float64) {
	if y.Len() > 0 {
		y.Device().Launch(addScaledKernel, kernels.Elements(y.Len()), kernels.Ptr(y), kernels.Ptr(x), kernels.F32(alpha),
			kernels.I64(y.Len()))
	}
}
