package resize

import (
	"fmt"

	"udml-gpu/kernels"
)

var (
	bilinearKernel         = kernels.NewKernel("resize_bilinear")
	bilinearBackwardKernel = kernels.NewKernel("resize_bilinear_backward")
)

func bilinearCUDA(y, x *kernels.Array) {
	if y.Len() > 0 {
		mapsCUDA(bilinearKernel, y, x, x, y)
	}
}

func bilinearBackwardCUDA(dx, dy *kernels.Array) {
	switch {
	case dx.Len() == 0:
	case dy.Len() == 0:
		dx.Zero()
	default:
		mapsCUDA(bilinearBackwardKernel, dx, dy, dx, dy)
	}
}

// mapsCUDA launches a kernel that writes to and reads from; x and y are the same arrays as Bilinear has them.
func mapsCUDA(k *kernels.Kernel, to, from, x, y *kernels.Array) {
	h, w, oh, ow, c := x.Dim(1), x.Dim(2), y.Dim(1), y.Dim(2), x.Dim(3)
	if max(h, 1)*oh >= 1<<28 || max(w, 1)*ow >= 1<<28 {
		panic(fmt.Sprintf("resize: places of %v in %v do not fit a kernel's integers", y, x))
	}
	pack := kernels.Pack(c, to, from)
	to.Device().Launch(k, kernels.Lines(to.Dim(2)*c/pack, to.Dim(0)*to.Dim(1)), kernels.Ptr(to), kernels.Ptr(from), kernels.I32(x.Dim(0)),
		kernels.I32(h), kernels.I32(w), kernels.I32(oh), kernels.I32(ow), kernels.I32(c), kernels.I32(pack))
}
