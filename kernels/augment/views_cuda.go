package augment

import "udml-gpu/kernels"

var (
	greyKernel = kernels.NewKernel("augment_views_grey")
	rgbKernel  = kernels.NewKernel("augment_views_rgb")
	anyKernel  = kernels.NewKernel("augment_views_any")
)

// viewThreads is the block of the kernels: a table of 256 levels is filled by one thread each.
const viewThreads = 256

// viewRowsAtOnce bounds the grid along the rows: far more than a GPU has room for, and each block loops over the others.
const viewRowsAtOnce = 2048

func viewsCUDA(dst, pixels, index, matrix *kernels.Array, invert bool) {
	rows, size, c := dst.Dim(0), dst.Dim(1), pixels.Dim(3)
	l := kernels.Launch{
		Grid:  kernels.Dim{X: kernels.Blocks(size*size, viewThreads), Y: min(rows, viewRowsAtOnce)},
		Block: kernels.Dim{X: viewThreads},
	}
	args := []kernels.Arg{
		kernels.Ptr(dst), kernels.Ptr(pixels), kernels.Ptr(index), kernels.Ptr(matrix), kernels.I32(pixels.Dim(0)),
		kernels.I32(pixels.Dim(1)), kernels.I32(pixels.Dim(2)), kernels.I32(rows), kernels.I32(size), kernels.Bool(invert),
	}
	switch c {
	case 1:
		dst.Device().Launch(greyKernel, l, args...)
	case 3:
		dst.Device().Launch(rgbKernel, l, args...)
	default:
		dst.Device().Launch(anyKernel, l, append(args, kernels.I32(c))...)
	}
}
