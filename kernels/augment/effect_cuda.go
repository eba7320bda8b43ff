package augment

import "udml-gpu/kernels"

var effectsKernel = kernels.NewKernel("augment_effects")

// effectBlocks bounds the memory that blurred views need beside their own: that of a view for each block.
const effectBlocks = 128

func effectsCUDA(dst, rows *kernels.Array) {
	dev, n := dst.Device(), dst.Dim(0)
	blocks := min(n, effectBlocks)
	between := dev.Scratch(kernels.Float32, blocks*(dst.Len()/n))
	defer between.Free()
	l := kernels.Launch{Grid: kernels.Dim{X: blocks}, Block: kernels.Dim{X: effectLanes}}
	dev.Launch(effectsKernel, l, kernels.Ptr(dst), kernels.Ptr(between), kernels.Ptr(rows), kernels.I32(n), kernels.I32(dst.Dim(1)),
		kernels.I32(dst.Dim(3)))
}
