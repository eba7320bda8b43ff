package cluster

import "udml-gpu/kernels"

// Means is r_j = mean of the rows x_i with slot[i] = j: r [S,...], x [N,...] with equal trailing axes, slot [N] and
// count [S] int32 as PseudoLabels left them. A slot without members becomes 0. Rows are added in order, in the arrays' own
// precision (float32 or float64). Equation: r_j of CBSwR, section 3.2.
func Means(r, x, slot, count *kernels.Array) {
	wantMeans("cluster.Means", r, x, slot, count)
	switch kernels.PathOf("cluster.Means", r, x) {
	case kernels.OnGPU:
		meansCUDA(r, x, slot, count)
	case kernels.InFloat64:
		means(kernels.Data[float64](r), kernels.Data[float64](x), kernels.Data[int32](slot), kernels.Data[int32](count))
	case kernels.InFloat32:
		means(kernels.Data[float32](r), kernels.Data[float32](x), kernels.Data[int32](slot), kernels.Data[int32](count))
	}
}

// MeansBackward is dx_i = dr_slot(i) / count_slot(i), added to dx where accumulate is set. Shapes as in Means.
func MeansBackward(dx, dr, slot, count *kernels.Array, accumulate bool) {
	if dx == nil {
		return
	}
	wantMeans("cluster.MeansBackward", dr, dx, slot, count)
	switch kernels.PathOf("cluster.MeansBackward", dr, dx) {
	case kernels.OnGPU:
		meansBackwardCUDA(dx, dr, slot, count, accumulate)
	case kernels.InFloat64:
		s, n := kernels.Data[int32](slot), kernels.Data[int32](count)
		meansBackward(kernels.Data[float64](dx), kernels.Data[float64](dr), s, n, accumulate)
	case kernels.InFloat32:
		s, n := kernels.Data[int32](slot), kernels.Data[int32](count)
		meansBackward(kernels.Data[float32](dx), kernels.Data[float32](dr), s, n, accumulate)
	}
}

func wantMeans(op string, r, x, slot, count *kernels.Array) {
	kernels.WantShape(op, "slot", slot, -1)
	kernels.WantShape(op, "count", count, -1)
	if len(x.Shape()) == 0 || len(r.Shape()) != len(x.Shape()) || r.Dim(0) != count.Dim(0) || x.Dim(0) != slot.Dim(0) {
		panic(op + ": means " + r.String() + " of rows " + x.String() + " in slots " + slot.String() + " of " + count.String())
	}
	for i := 1; i < len(x.Shape()); i++ {
		if r.Dim(i) != x.Dim(i) {
			panic(op + ": means " + r.String() + " of rows " + x.String())
		}
	}
}
