package loss

import (
	"fmt"
	"math"

	"udml-gpu/kernels"
)

// Triplets is the weighted triplet loss of chosen triplets. f [2B,D] are the embeddings of B rows in two views, row i and row B+i. Rows 2t
// and 2t+1 are one group: an anchor a = f_2t, its positive p = f_(B+2t), and two negatives, f_(2t+1) and f_(B+2t+1). With weights int32 [B]
// in units of TripletUnit, w_t that of row 2t, and T = B/2 groups, rounded down,
//
//	loss = 1/(2 T) sum over groups t and both of their negatives n of w_t max(0, margin + |a - p|^2 - |a - n|^2)
//
// The last row of an odd number has no negatives and takes no part, and without a group the loss is 0. df [2B,D] (or nil) is the gradient.
//
// A number that is not finite in a group's rows makes the loss NaN or infinite, unless the group's weight is 0. loss [1]. float32 or
// float64, computed in float64: loss and gradient are each rounded once, the sum of a row of df that both negatives add to twice.
//
// Source: Iscen, Tolias, Avrithis, Chum, "Mining on Manifolds: Metric Learning without Labels" (CVPR 2018), the triplet loss, weighted by
// the positive's similarity.
func Triplets(loss, df, f, weights *kernels.Array, margin float64) {
	const op = "loss.Triplets"
	kernels.WantShape(op, "loss", loss, 1)
	kernels.WantShape(op, "weights", weights, -1)
	kernels.WantType(op, "weights", weights, kernels.Int32)
	kernels.WantShape(op, "f", f, 2*weights.Dim(0), -1)
	if df != nil {
		kernels.WantShape(op, "df", df, f.Shape()...)
	}
	if !(margin >= 0) || math.IsInf(margin, 1) {
		panic(fmt.Sprintf("%s: margin %g, want one of 0 or more", op, margin))
	}
	switch kernels.PathOf(op, loss, df, f) {
	case kernels.OnGPU:
		tripletsCUDA(loss, df, f, weights, margin)
	case kernels.InFloat64:
		tripletsCPU[float64](loss, df, f, weights, margin)
	case kernels.InFloat32:
		tripletsCPU[float32](loss, df, f, weights, margin)
	}
}

// TripletUnit is the unit of the weights of Triplets: whole numbers go with a batch as labels do.
const TripletUnit = 0x1p-24

// tripletScale is what the sum over triplets of weights in units times hinges is multiplied by, for that many rows of weights.
func tripletScale(rows int) float64 { return TripletUnit / float64(max(1, rows/2*2)) }
