package loss

import "udml-gpu/kernels"

// Reconstruction is L_rec: the mean over rows, pixels and channels of (target_i - d_slot(i))^2.
// d [S,H,W,C] are the decoded centroids, target [N,H,W,C] the images in [0,1] (any equal trailing axes do), slot [N] and
// count [S] int32 as cluster.PseudoLabels left them. dd [S,H,W,C] (or nil) is the gradient by d, 0 for a slot without
// members: dd_j = 2/(N H W C) sum_{i: slot(i) = j} (d_j - target_i). loss [1]. float32 or float64.
func Reconstruction(loss, dd, d, target, slot, count *kernels.Array) {
	ReconstructionPart(loss, dd, d, target, slot, count, target.Dim(0))
}

// ReconstructionPart is what target, some of the rows of a batch of that many, adds to Reconstruction's loss and gradient.
func ReconstructionPart(loss, dd, d, target, slot, count *kernels.Array, rows int) {
	const op = "loss.Reconstruction"
	kernels.WantShape(op, "loss", loss, 1)
	kernels.WantShape(op, "slot", slot, -1)
	kernels.WantShape(op, "count", count, -1)
	if len(d.Shape()) == 0 || len(d.Shape()) != len(target.Shape()) || d.Dim(0) != count.Dim(0) || target.Dim(0) != slot.Dim(0) {
		panic(op + ": decoded " + d.String() + " for targets " + target.String() + ", slots " + slot.String() + " of " + count.String())
	}
	for i := 1; i < len(d.Shape()); i++ {
		if d.Dim(i) != target.Dim(i) {
			panic(op + ": decoded " + d.String() + " for targets " + target.String())
		}
	}
	if dd != nil {
		kernels.WantShape(op, "dd", dd, d.Shape()...)
	}
	scale := 1 / float64(max(1, rows*(d.Len()/max(1, d.Dim(0)))))
	switch kernels.PathOf(op, loss, dd, d, target) {
	case kernels.OnGPU:
		reconstructionCUDA(loss, dd, d, target, slot, scale)
	case kernels.InFloat64:
		reconstruction[float64](loss, dd, d, target, kernels.Data[int32](slot), scale)
	case kernels.InFloat32:
		reconstruction[float32](loss, dd, d, target, kernels.Data[int32](slot), scale)
	}
}
