package pool

import "udml-gpu/kernels"

var (
	maxKernel         = kernels.NewStored("pool_max")
	maxBackwardKernel = kernels.NewStored("pool_max_backward")
)

func maxCUDA(y, at, x *kernels.Array, g geometry) {
	if y.Len() == 0 {
		return
	}
	pack := kernels.Pack(g.c, y, at, x)
	y.Device().Launch(maxKernel.Of(x), kernels.Lines(g.ow*g.c/pack, g.n*g.oh), kernels.Ptr(y), kernels.Ptr(at), kernels.Ptr(x),
		kernels.I32(g.n), kernels.I32(g.h), kernels.I32(g.w), kernels.I32(g.c), kernels.I32(g.oh), kernels.I32(g.ow),
		kernels.I32(g.Kernel), kernels.I32(g.Stride), kernels.I32(g.Pad), kernels.I32(pack))
}

func maxBackwardCUDA(dx, dy, at *kernels.Array, g geometry) {
	if dx.Len() == 0 {
		return
	}
	pack := kernels.Pack(g.c, dx, dy, at)
	dx.Device().Launch(maxBackwardKernel.Of(dx), kernels.Lines(g.w*g.c/pack, g.n*g.h), kernels.Ptr(dx), kernels.Ptr(dy), kernels.Ptr(at),
		kernels.I32(g.n), kernels.I32(g.h), kernels.I32(g.w), kernels.I32(g.c), kernels.I32(g.oh), kernels.I32(g.ow),
		kernels.I32(g.Kernel), kernels.I32(g.Stride), kernels.I32(g.Pad), kernels.I32(pack))
}
