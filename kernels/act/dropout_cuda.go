package act

import (
	"math"

	"udml-gpu/kernels"
	"udml-gpu/kernels/rng"
)

var (
	dropoutKernel = kernels.NewKernel("act_dropout")
	maskKernel    = kernels.NewKernel("act_dropout_mask")
)

func dropoutCUDA(y, x, mask *kernels.Array, scale float64) {
	if x.Len() > 0 {
		pack := kernels.Pack(x.Len(), y, x, mask)
		x.Device().Launch(dropoutKernel, kernels.Elements(x.Len()/pack), kernels.Ptr(y), kernels.Ptr(x), kernels.Ptr(mask),
			kernels.F32(scale), kernels.I64(x.Len()), kernels.I32(pack))
	}
}

func (d maskDraw) drawCUDA(mask, samples, views *kernels.Array) {
	if mask.Len() == 0 {
		return
	}
	quads := (d.width + 3) / 4
	mask.Device().Launch(maskKernel, kernels.Lines(quads, mask.Dim(0)), kernels.Ptr(mask), kernels.Ptr(samples), kernels.Ptr(views),
		kernels.I32(mask.Dim(0)), kernels.I32(d.width), kernels.I32(kernels.Pack(d.width, mask)),
		kernels.U64(d.seed), kernels.Ptr(d.epoch), kernels.U32(uint32(rng.OpDropout)), kernels.U32(d.threshold()))
}

// threshold is the least 24-bit word whose Uniform is kept. Both sides of Uniform(w) >= p are exact when scaled by 2^24,
// so the kernel compares integers. A p of more than 1, or NaN, keeps none.
func (d maskDraw) threshold() uint32 {
	const none = 1 << 24
	if !(d.p <= 1) {
		return none
	}
	return uint32(math.Ceil(max(0, d.p) * none))
}
