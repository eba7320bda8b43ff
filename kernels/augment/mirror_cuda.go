package augment

import "udml-gpu/kernels"

var mirrorKernel = kernels.NewKernel("augment_mirror")

func mirrorCUDA(y, x *kernels.Array) {
	if n := x.Len(); n > 0 {
		y.Device().Launch(mirrorKernel, kernels.Elements(n), kernels.Ptr(y), kernels.Ptr(x), kernels.I64(n), kernels.I32(x.Dim(2)),
			kernels.I32(x.Dim(3)))
	}
}
