package cluster

import "udml-gpu/kernels"

var (
	meansKernel          = kernels.NewKernel("cluster_means")
	means4Kernel         = kernels.NewKernel("cluster_means4")
	meansBackwardKernel  = kernels.NewKernel("cluster_means_backward")
	meansBackward4Kernel = kernels.NewKernel("cluster_means_backward4")
)

// meansThreads is the block of these kernels: small, so that a batch's few slots still fill the GPU.
const meansThreads = 128

// quads says whether rows of so many columns can be read as float4s, and how many reads a row then is.
func quads(columns int, as ...*kernels.Array) (int, bool) {
	if columns%4 != 0 {
		return columns, false
	}
	for _, a := range as {
		if a.Address()%16 != 0 {
			return columns, false
		}
	}
	return columns / 4, true
}

func meansCUDA(r, x, slot, count *kernels.Array) {
	if r.Len() == 0 {
		return
	}
	kernel := meansKernel
	columns, wide := quads(r.Len()/r.Dim(0), r, x)
	if wide {
		kernel = means4Kernel
	}
	grid := kernels.Dim{X: kernels.Blocks(columns, meansThreads), Y: r.Dim(0)}
	r.Device().Launch(kernel, kernels.Launch{Grid: grid, Block: kernels.Dim{X: meansThreads}}, kernels.Ptr(r), kernels.Ptr(x),
		kernels.Ptr(slot), kernels.Ptr(count), kernels.I32(slot.Dim(0)), kernels.I64(columns))
}

func meansBackwardCUDA(dx, dr, slot, count *kernels.Array, accumulate bool) {
	if dx.Len() == 0 {
		return
	}
	kernel := meansBackwardKernel
	columns, wide := quads(dx.Len()/dx.Dim(0), dx, dr)
	if wide {
		kernel = meansBackward4Kernel
	}
	const maxRows = 1 << 15 // of a grid along y; rows beyond are looped over
	grid := kernels.Dim{X: kernels.Blocks(columns, meansThreads), Y: min(dx.Dim(0), maxRows)}
	dx.Device().Launch(kernel, kernels.Launch{Grid: grid, Block: kernels.Dim{X: meansThreads}}, kernels.Ptr(dx), kernels.Ptr(dr),
		kernels.Ptr(slot), kernels.Ptr(count), kernels.I32(slot.Dim(0)), kernels.I32(count.Dim(0)), kernels.I64(columns),
		kernels.Bool(accumulate))
}
