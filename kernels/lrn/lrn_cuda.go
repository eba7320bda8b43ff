package lrn

import "udml-gpu/kernels"

var (
	forwardKernel  = kernels.NewStored("lrn_forward")
	backwardKernel = kernels.NewStored("lrn_backward")
)

func forwardCUDA(y, x *kernels.Array, s Spec) {
	if x.Len() == 0 {
		return
	}
	c := x.Dim(3)
	pack, n := kernels.Pack(c, y, x), x.Len()/c
	x.Device().Launch(forwardKernel.Of(x), kernels.Lines(c/pack, n), kernels.Ptr(y), kernels.Ptr(x), kernels.I32(n), kernels.I32(c),
		kernels.I32(s.half()), kernels.F32(s.K), kernels.F32(s.share()), kernels.F32(s.Beta), kernels.I32(pack))
}

func backwardCUDA(dx, dy, x *kernels.Array, s Spec) {
	if x.Len() == 0 {
		return
	}
	c := x.Dim(3)
	pack, n := kernels.Pack(c, dx, dy, x), x.Len()/c
	x.Device().Launch(backwardKernel.Of(x), kernels.Lines(c/pack, n), kernels.Ptr(dx), kernels.Ptr(dy), kernels.Ptr(x), kernels.I32(n),
		kernels.I32(c),
		kernels.I32(s.half()), kernels.F32(s.K), kernels.F32(s.share()), kernels.F32(s.Beta), kernels.I32(pack))
}
