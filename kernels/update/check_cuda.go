package update

import "udml-gpu/kernels"

var (
	finiteKernel     = kernels.NewKernel("update_finite")
	finiteListKernel = kernels.NewKernel("update_finite_list")
)

const (
	launchArrays = 8    // arrays of one launch
	finiteBlocks = 1024 // blocks that look at an array, at most
)

// finiteCUDA sets skip where any of xs is not finite, and leaves it otherwise.
func finiteCUDA(skip *kernels.Array, xs []*kernels.Array) {
	kernels.WantFloat32("update.Finite", xs...)
	for len(xs) > 0 {
		some := xs[:min(len(xs), launchArrays)]
		xs = xs[len(some):]
		if n := longest(some); n > 0 {
			grid := kernels.Dim{X: min(kernels.Blocks(n, chunkSize), finiteBlocks), Y: len(some)}
			launchEight(finiteKernel, grid, kernels.Ptr(skip), some)
		}
	}
}

func (l *List) finiteCUDA(skip *kernels.Array) {
	if l.table != nil {
		skip.Device().Launch(finiteListKernel, l.launch(), kernels.Ptr(skip), kernels.Ptr(l.table))
	}
}

func longest(xs []*kernels.Array) int {
	n := 0
	for _, x := range xs {
		n = max(n, x.Len())
	}
	return n
}

// launchEight starts a kernel on up to eight arrays: their addresses, then their lengths.
func launchEight(k *kernels.Kernel, grid kernels.Dim, to kernels.Arg, xs []*kernels.Array) {
	args := [1 + 2*launchArrays]kernels.Arg{to}
	for i := range launchArrays {
		args[1+i], args[1+launchArrays+i] = kernels.Ptr(nil), kernels.I64(0)
		if i < len(xs) {
			args[1+i], args[1+launchArrays+i] = kernels.Ptr(xs[i]), kernels.I64(xs[i].Len())
		}
	}
	xs[0].Device().Launch(k, kernels.Launch{Grid: grid, Block: kernels.Dim{X: 256}}, args[:]...)
}
