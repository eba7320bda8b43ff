package pool

import "udml-gpu/kernels"

var (
	globalMaxKernel         = kernels.NewStored("pool_global_max")
	globalMaxBackwardKernel = kernels.NewStored("pool_global_max_backward")
)

func globalMaxCUDA(y, at, x *kernels.Array) {
	if y.Len() == 0 {
		return
	}
	m := mapOf(x)
	pack := kernels.Pack(m.channels, y, at, x)
	l, lanes := globalLaunch(x, pack, 4+4) // a value and its place
	y.Device().Launch(globalMaxKernel.Of(x), l, kernels.Ptr(y), kernels.Ptr(at), kernels.Ptr(x), kernels.I32(m.pixels),
		kernels.I32(m.channels), kernels.I32(lanes), kernels.I32(pack))
}

func globalMaxBackwardCUDA(dx, dy, at *kernels.Array, accumulate bool) {
	if dx.Len() == 0 {
		return
	}
	m := mapOf(dx)
	pack := kernels.Pack(m.channels, dx, dy, at)
	dx.Device().Launch(globalMaxBackwardKernel.Of(dx), kernels.Lines(m.pixels*m.channels/pack, m.n), kernels.Ptr(dx), kernels.Ptr(dy),
		kernels.Ptr(at), kernels.I32(m.n), kernels.I32(m.pixels), kernels.I32(m.channels), kernels.Bool(accumulate), kernels.I32(pack))
}
