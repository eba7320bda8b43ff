package loss

import (
	"fmt"

	"udml-gpu/kernels"
)

// Memory moves the rows of a memory bank [M,D] towards the embeddings f [V B,D] of a batch of B images in V views, view by view. With
// v = bank[sample[i]], for each view in turn:
//
//	v = (keep v + (1-keep) f_i) / max(|keep v + (1-keep) f_i|, 1e-12)
//
// sample is int32 [V B]; the samples of the first view are distinct, and those of the other views are the same: only the first B are read.
// A sample that is no row of the bank changes nothing. Nothing changes where skip, int32 [1], is not 0. float32 or float64; sums are
// float64, and a row is rounded after each view: an element of a unit row is off by at most V 2^-24 in float32.
//
// Source: Wu, Xiong, Yu, Lin, "Unsupervised Feature Learning via Non-Parametric Instance Discrimination" (CVPR 2018), section 3; its
// program keeps one half.
func Memory(bank, f, sample, skip *kernels.Array, views int, keep float64) {
	const op = "loss.Memory"
	kernels.WantShape(op, "bank", bank, -1, -1)
	kernels.WantShape(op, "f", f, -1, bank.Dim(1))
	kernels.WantShape(op, "sample", sample, f.Dim(0))
	kernels.WantType(op, "sample", sample, kernels.Int32)
	kernels.WantShape(op, "skip", skip, 1)
	kernels.WantType(op, "skip", skip, kernels.Int32)
	if views < 1 || f.Dim(0)%views != 0 {
		panic(fmt.Sprintf("%s: %d rows in %d views", op, f.Dim(0), views))
	}
	if !(keep >= 0 && keep <= 1) {
		panic(fmt.Sprintf("%s: keep is %g, want 0 to 1", op, keep))
	}
	switch kernels.PathOf(op, bank, f) {
	case kernels.OnGPU:
		memoryCUDA(bank, f, sample, skip, views, keep)
	case kernels.InFloat64:
		memory[float64](bank, f, sample, skip, views, keep)
	case kernels.InFloat32:
		memory[float32](bank, f, sample, skip, views, keep)
	}
}

// nearestLength is the least length that a row is divided by.
const nearestLength = 1e-12
