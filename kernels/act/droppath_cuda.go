package act

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/rng"
)

var (
	dropPathKernel = kernels.NewStored("act_drop_path")
	pathMaskKernel = kernels.NewKernel("act_drop_path_mask")
)

func dropPathCUDA(y, x, keep *kernels.Array, scale float64) {
	if x.Len() == 0 {
		return
	}
	n := x.Dim(0)
	width := x.Len() / n
	pack := kernels.Pack(width, y, x)
	x.Device().Launch(dropPathKernel.Of(x), kernels.Lines(width/pack, n), kernels.Ptr(y), kernels.Ptr(x), kernels.Ptr(keep),
		kernels.F32(scale), kernels.I32(n), kernels.I32(width), kernels.I32(pack))
}

func (d pathDraw) drawCUDA(keep, samples, views *kernels.Array) {
	if keep.Len() == 0 {
		return
	}
	keep.Device().Launch(pathMaskKernel, kernels.Elements(keep.Len()), kernels.Ptr(keep), kernels.Ptr(samples), kernels.Ptr(views),
		kernels.I32(keep.Len()), kernels.U64(d.seed), kernels.Ptr(d.epoch), kernels.U32(uint32(rng.OpDropPath)),
		kernels.I32(d.branch), kernels.U32(d.threshold()))
}
