package pool

import "udml-gpu/kernels"

var (
	averageKernel         = kernels.NewStored("pool_average")
	averageBackwardKernel = kernels.NewStored("pool_average_backward")
	globalKernel          = kernels.NewStored("pool_global")
	globalBackwardKernel  = kernels.NewStored("pool_global_backward")
)

func averageCUDA(y, x *kernels.Array, g geometry) {
	if y.Len() == 0 {
		return
	}
	pack := kernels.Pack(g.c, y, x)
	y.Device().Launch(averageKernel.Of(x), kernels.Lines(g.ow*g.c/pack, g.n*g.oh), kernels.Ptr(y), kernels.Ptr(x),
		kernels.I32(g.n), kernels.I32(g.h), kernels.I32(g.w), kernels.I32(g.c), kernels.I32(g.oh), kernels.I32(g.ow),
		kernels.I32(g.Kernel), kernels.I32(g.Stride), kernels.I32(g.Pad), kernels.I32(pack))
}

func averageBackwardCUDA(dx, dy *kernels.Array, g geometry) {
	if dx.Len() == 0 {
		return
	}
	pack := kernels.Pack(g.c, dx, dy)
	dx.Device().Launch(averageBackwardKernel.Of(dx), kernels.Lines(g.w*g.c/pack, g.n*g.h), kernels.Ptr(dx), kernels.Ptr(dy),
		kernels.I32(g.n), kernels.I32(g.h), kernels.I32(g.w), kernels.I32(g.c), kernels.I32(g.oh), kernels.I32(g.ow),
		kernels.I32(g.Kernel), kernels.I32(g.Stride), kernels.I32(g.Pad), kernels.I32(pack))
}

// globalThreads is threadsAtMost in global.cuh.
const globalThreads = 256

// globalLaunch is the launch of a kernel over whole maps x [N,H,W,C], whose threads share bytes for each of their channels (global.cuh),
// and the packs of channels of a block.
func globalLaunch(x *kernels.Array, pack, bytes int) (l kernels.Launch, lanes int) {
	pixels, c := x.Dim(1)*x.Dim(2), x.Dim(3)
	groups := kernels.TileCount(c/pack, globalThreads)
	lanes = kernels.TileCount(c/pack, groups)
	threads := lanes * max(1, min(globalThreads/lanes, pixels)) // no more rows of threads than pixels
	return kernels.Launch{
		Grid: kernels.Dim{X: x.Dim(0), Y: groups}, Block: kernels.Dim{X: threads}, Shared: threads * pack * bytes,
	}, lanes
}

func globalCUDA(y, x *kernels.Array) {
	if y.Len() == 0 {
		return
	}
	pack := kernels.Pack(x.Dim(3), y, x)
	l, lanes := globalLaunch(x, pack, 4)
	y.Device().Launch(globalKernel.Of(x), l, kernels.Ptr(y), kernels.Ptr(x), kernels.I32(x.Dim(1)*x.Dim(2)), kernels.I32(x.Dim(3)),
		kernels.I32(lanes), kernels.I32(pack))
}

func globalBackwardCUDA(dx, dy *kernels.Array, accumulate bool) {
	if dx.Len() == 0 {
		return
	}
	n, pixels, c := dx.Dim(0), dx.Dim(1)*dx.Dim(2), dx.Dim(3)
	pack := kernels.Pack(c, dx, dy)
	dx.Device().Launch(globalBackwardKernel.Of(dx), kernels.Lines(pixels*c/pack, n), kernels.Ptr(dx), kernels.Ptr(dy), kernels.I32(n),
		kernels.I32(pixels), kernels.I32(c), kernels.Bool(accumulate), kernels.I32(pack))
}
