package act

import "udml-gpu/kernels"

// Dropout is y = x/(1-p) where mask is not 0, else 0. y, x of any one shape; mask uint8 of that shape; y may be x.
func Dropout(y, x, mask *kernels.Array, p float64) {
	kernels.WantShape("act.Dropout", "y", y, x.Shape()...)
	kernels.WantShape("act.Dropout", "mask", mask, x.Shape()...)
	kernels.WantType("act.Dropout", "mask", mask, kernels.Uint8)
	switch kernels.PathOf("act.Dropout", y, x) {
	case kernels.OnGPU:
		dropoutCUDA(y, x, mask, 1/(1-p))
	case kernels.InFloat64:
		dropout(kernels.Data[float64](y), kernels.Data[float64](x), kernels.Data[uint8](mask), 1/(1-p))
	case kernels.InFloat32:
		dropout(kernels.Data[float32](y), kernels.Data[float32](x), kernels.Data[uint8](mask), 1/(1-p))
	}
}

// DropoutBackward is dx = dy/(1-p) where mask is not 0, else 0. dx may be dy.
func DropoutBackward(dx, dy, mask *kernels.Array, p float64) {
	if dx != nil {
		Dropout(dx, dy, mask, p)
	}
}

// DropoutMask draws mask [N,D] uint8 for rows that show samples [N] int32 in views [N] int32: element j of row i is 1
// when Uniform(rng.Key{seed, epoch[0], samples[i], rng.OpDropout, views[i]}.At(j/4)[j%4]) >= p, so with probability 1-p. epoch is int32
// [1]; a GPU reads it when it comes to it.
func DropoutMask(mask *kernels.Array, samples, views *kernels.Array, seed uint64, epoch *kernels.Array, p float64) {
	kernels.WantShape("act.DropoutMask", "mask", mask, -1, -1)
	kernels.WantShape("act.DropoutMask", "samples", samples, mask.Dim(0))
	kernels.WantShape("act.DropoutMask", "views", views, mask.Dim(0))
	kernels.WantType("act.DropoutMask", "mask", mask, kernels.Uint8)
	kernels.WantType("act.DropoutMask", "samples", samples, kernels.Int32)
	kernels.WantType("act.DropoutMask", "views", views, kernels.Int32)
	wantEpoch("act.DropoutMask", epoch)
	d := maskDraw{seed: seed, epoch: epoch, p: p, width: mask.Dim(1)}
	if mask.Device().CUDA() {
		d.drawCUDA(mask, samples, views)
		return
	}
	d.draw(kernels.Data[uint8](mask), kernels.Data[int32](samples), kernels.Data[int32](views))
}

// wantEpoch checks the array of the epoch that masks are drawn for.
func wantEpoch(op string, epoch *kernels.Array) {
	kernels.WantShape(op, "epoch", epoch, 1)
	kernels.WantType(op, "epoch", epoch, kernels.Int32)
}
