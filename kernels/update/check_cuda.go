package update

import "udml-gpu/kernels"

var (
	finiteKernel     = kernels.NewKernel("update_finite")
	finiteListKernel = kernels.NewKernel("update_finite_list")
	squaresKernel    = kernels.NewKernel("update_squares")
	normKernel       = kernels.NewKernel("update_norm")
)

const (
	launchArrays = 8    // arrays of one launch
	squareBlocks = 64   // blocks that share an array's squares, at most; sizes alone fix how many, and so the sum's order
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

func gradNormCUDA(norm2 *kernels.Array, gs []*kernels.Array) {
	dev := norm2.Device()
	kernels.WantFloat32("update.GradNorm", gs...)
	part, parts := dev.Scratch(kernels.Float64, len(gs), squareBlocks), 0
	for at := 0; at < len(gs); at += launchArrays {
		some := gs[at:min(len(gs), at+launchArrays)]
		grid := kernels.Dim{X: min(kernels.Blocks(longest(some), chunkSize), squareBlocks), Y: len(some)}
		launchEight(squaresKernel, grid, kernels.PtrAt(part, parts), some)
		parts += grid.X * grid.Y
	}
	dev.Launch(normKernel, kernels.Launch{Block: kernels.Dim{X: 1024}}, kernels.Ptr(norm2), kernels.Ptr(part), kernels.I32(parts))
	part.Free()
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
