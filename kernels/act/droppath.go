package act

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
)

// DropPath is stochastic depth on a branch x [N,...] (Huang et al., "Deep networks with stochastic depth", 2016; timm's DropPath): row i
// of y is row i of x times 1/(1-p) where keep[i] is not 0, else 0. y has x's shape, keep is uint8 [N]; y may be x. float32,
// float64 or bfloat16. One rounding.
func DropPath(y, x, keep *kernels.Array, p float64) {
	kernels.WantShape("act.DropPath", "y", y, x.Shape()...)
	kernels.WantShape("act.DropPath", "keep", keep, x.Dim(0))
	kernels.WantType("act.DropPath", "keep", keep, kernels.Uint8)
	switch kernels.PathOfMaps("act.DropPath", []*kernels.Array{y, x}) {
	case kernels.OnGPU:
		dropPathCUDA(y, x, keep, 1/(1-p))
	case kernels.InFloat64:
		dropPath(kernels.Data[float64](y), kernels.Data[float64](x), kernels.Data[uint8](keep), 1/(1-p))
	case kernels.InFloat32:
		dropPath(kernels.Data[float32](y), kernels.Data[float32](x), kernels.Data[uint8](keep), 1/(1-p))
	case kernels.InBFloat16:
		var w bfloat.Wide
		DropPath(w.Out(y), w.In(x), keep, p)
		w.Done()
	}
}

// DropPathBackward is dx = dy/(1-p) in the rows that are kept, else 0. dx may be dy.
func DropPathBackward(dx, dy, keep *kernels.Array, p float64) {
	if dx != nil {
		DropPath(dx, dy, keep, p)
	}
}

// DropPathMask draws keep [N] uint8 of a network's branch number branch, from 0, for rows that show samples [N] int32 in views [N] int32:
// element i is 1 when Uniform(rng.Key{seed, epoch[0], samples[i], rng.OpDropPath, views[i]}.At(branch/4)[branch%4]) >= p, so with
// probability 1-p, whatever rows stand beside it. epoch is int32 [1]; a GPU reads it when it comes to it.
func DropPathMask(keep *kernels.Array, samples, views *kernels.Array, seed uint64, epoch *kernels.Array, branch int, p float64) {
	kernels.WantShape("act.DropPathMask", "keep", keep, -1)
	kernels.WantShape("act.DropPathMask", "samples", samples, keep.Dim(0))
	kernels.WantShape("act.DropPathMask", "views", views, keep.Dim(0))
	kernels.WantType("act.DropPathMask", "keep", keep, kernels.Uint8)
	kernels.WantType("act.DropPathMask", "samples", samples, kernels.Int32)
	kernels.WantType("act.DropPathMask", "views", views, kernels.Int32)
	wantEpoch("act.DropPathMask", epoch)
	d := pathDraw{maskDraw{seed: seed, epoch: epoch, p: p}, branch}
	if keep.Device().CUDA() {
		d.drawCUDA(keep, samples, views)
		return
	}
	d.draw(kernels.Data[uint8](keep), kernels.Data[int32](samples), kernels.Data[int32](views))
}
