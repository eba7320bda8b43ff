package pool

import "udml-gpu/kernels"

var (
	gemKernel         = kernels.NewStored("pool_gem")
	gemBackwardKernel = kernels.NewStored("pool_gem_backward")
)

func gemCUDA(y, x *kernels.Array, g Power) {
	if y.Len() == 0 {
		return
	}
	m := mapOf(x)
	pack := kernels.Pack(m.channels, y, x)
	l, lanes := globalLaunch(x, pack, 4)
	y.Device().Launch(gemKernel.Of(x), l, kernels.Ptr(y), kernels.Ptr(x), kernels.I32(m.pixels), kernels.I32(m.channels), kernels.F32(g.P),
		kernels.F32(g.Least), kernels.I32(lanes), kernels.I32(pack))
}

func gemBackwardCUDA(dx, dy, x, y *kernels.Array, g Power, accumulate bool) {
	if dx.Len() == 0 {
		return
	}
	m := mapOf(x)
	pack := kernels.Pack(m.channels, dx, dy, x, y)
	dx.Device().Launch(gemBackwardKernel.Of(dx), kernels.Lines(m.pixels*m.channels/pack, m.n), kernels.Ptr(dx), kernels.Ptr(dy),
		kernels.Ptr(x), kernels.Ptr(y), kernels.I32(m.n), kernels.I32(m.pixels), kernels.I32(m.channels), kernels.F32(g.P),
		kernels.F32(g.Least), kernels.Bool(accumulate), kernels.I32(pack))
}
