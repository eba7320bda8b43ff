package conv

import (
	"udml-gpu/cgo/cudnn"
	"udml-gpu/kernels"
	"udml-gpu/kernels/act"
	"udml-gpu/kernels/bfloat"
	"udml-gpu/kernels/gemm"
)

var (
	backwardWeightsKernels = kernelsOf("conv_backward_weights_")
	maskSumsKernel         = kernels.NewStored("conv_mask_sums")
)

// backwardWeightsCUDA masks dy and sums it for the bias in one pass, and then computes dw from it.
func backwardWeightsCUDA(dw, db, x, dy, y *kernels.Array, s Spec) {
	if y == nil || dy.Len() == 0 {
		if db != nil {
			gemm.ColumnSums(db, dy)
		}
	} else {
		maskCUDA(db, dy, y)
	}
	if dw == nil {
		return
	}
	g := geometryOf("conv.BackwardWeights", dy, x, dw, s)
	switch {
	case dw.Len() == 0:
	case dy.Len() == 0:
		dw.Zero()
	case weightsOnLibrary(dw, x, dy, g):
	default:
		ownWeights(dw, x, dy, g)
	}
}

// weightsOnLibrary is onLibrary for dw.
func weightsOnLibrary(dw, x, dy *kernels.Array, g geometry) bool {
	return g.even() && RunLibraryWeights(dw, x, dy, shapeOf(g, x))
}

// RunLibraryWeights is RunLibrary for dw, float32, which of bfloat16 maps cuDNN writes in bfloat16.
func RunLibraryWeights(dw, x, dy *kernels.Array, s cudnn.Shape) bool {
	if s.Data != cudnn.BFloat16 {
		return RunLibrary(cudnn.BackwardWeights, x, dw, dy, s, 0)
	}
	stored := dw.Device().Scratch(kernels.BFloat16, dw.Shape()...)
	defer stored.Free()
	if !RunLibrary(cudnn.BackwardWeights, x, stored, dy, s, 0) {
		return false
	}
	bfloat.Unpack(dw, stored)
	return true
}

// maskCUDA sets dy to 0 where y is 0, and db, where it is wanted, to the sums of dy's columns after that.
func maskCUDA(db, dy, y *kernels.Array) {
	if db == nil {
		act.ReLUBackward(dy, dy, y)
		return
	}
	s := gemm.SumsOf(db.Len(), dy, y)
	s.Into(db, func(parts *kernels.Array) {
		dy.Device().Launch(maskSumsKernel.Of(dy), s.Launch, kernels.Ptr(parts), kernels.Ptr(dy), kernels.Ptr(y),
			kernels.I64(dy.Len()/db.Len()), kernels.I32(db.Len()), kernels.I32(s.Width), kernels.I64(s.Chunk), kernels.I32(s.Pack))
	})
}

// ownWeights is the own kernel, whose parts of the pixels a second one adds up.
func ownWeights(dw, x, dy *kernels.Array, g geometry) {
	dev := dw.Device()
	one := tiles(g.o, g.patch(), squareTile, 1)
	chunk := gemm.ChunkCUDA(one.Grid.X, g.pixels(), dw.Len())
	parts := kernels.Blocks(g.pixels(), chunk)
	run := func(out *kernels.Array) {
		g.launch(dev, backwardWeightsKernels.of(x), tiles(g.o, g.patch(), squareTile, parts),
			kernels.Ptr(out), kernels.Ptr(dy), kernels.Ptr(x), kernels.I32(chunk))
	}
	if parts == 1 {
		run(dw)
		return
	}
	work := dev.Scratch(kernels.Float32, parts, dw.Len())
	run(work)
	gemm.AddPartsCUDA(dw, work, parts, 0)
	work.Free()
}
