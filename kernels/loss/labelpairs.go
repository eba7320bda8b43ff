package loss

import (
	"fmt"
	"math"

	"udml-gpu/kernels"
)

// Triplet is the triplet loss with semi-hard negatives of similarities s [N,N] of unit rows, s_ij = f_i . f_j, so that the squared distance
// is 2 - 2 s_ij. labels is int32 [B], N a multiple of B; row i has label i mod B of them.
//
//	loss = mean over pairs i != a of one label, where i has a negative, of max(0, margin - 2 s_ia + 2 s_in)
//
// The negative n is the nearest row of another label that is farther from i than a, and where none is farther, the farthest; of equal ones
// the first. ds [N,N] (or nil) is the gradient; the diagonal is not read, and its gradient is 0. Without a pair loss and gradient are 0.
//
// A number in row i outside of the diagonal that is not finite makes the loss and row i of ds NaN. loss [1]. float32 or float64, terms are
// float64: of exact similarities the loss is off by at most u |loss| with u = 2^-24 in float32. An element of ds adds up to N terms in the
// order of a.
//
// Source: Schroff, Kalenichenko, Philbin, "FaceNet: A Unified Embedding for Face Recognition and Clustering" (CVPR 2015), equations 1, 3
// and 4; the choice of one negative for each pair is that of tensorflow_addons.losses.triplet_semihard_loss.
func Triplet(loss, ds, s, labels *kernels.Array, margin float64) {
	labelPairs("loss.Triplet", tripletLoss, loss, ds, s, labels, margin)
}

// Contrastive is the contrastive loss of similarities s [N,N] of unit rows, with labels as Triplet has them and d_ij the distance, the
// square root of max(2 - 2 s_ij, 1e-6):
//
//	loss = mean over pairs i != j of one label of d_ij^2  +  mean over pairs of two labels of max(0, margin - d_ij)^2
//
// A mean over no pair is 0. ds [N,N] (or nil) is the gradient; the diagonal is not read, and its gradient is 0. Below a distance of 1e-3
// the gradient is 0: the direction between two such rows is rounding.
//
// What is not finite, types and errors are as with Triplet, but for the error of d: near 0 the similarity's own rounding is of its size.
//
// Source: Hadsell, Chopra, LeCun, "Dimensionality Reduction by Learning an Invariant Mapping" (CVPR 2006), equation 4, as means over the
// two kinds of pairs (pytorch_metric_learning.losses.ContrastiveLoss takes the distance of pairs of one label, not its square).
func Contrastive(loss, ds, s, labels *kernels.Array, margin float64) {
	labelPairs("loss.Contrastive", contrastiveLoss, loss, ds, s, labels, margin)
}

// nearestSquare is the smallest squared distance of Contrastive.
const nearestSquare = 1e-6

// pairLoss says which loss of pairs is wanted.
type pairLoss int

const (
	tripletLoss pairLoss = iota
	contrastiveLoss
)

func labelPairs(op string, which pairLoss, loss, ds, s, labels *kernels.Array, margin float64) {
	wantScores(op, loss, ds, s)
	kernels.WantShape(op, "s", s, s.Dim(0), s.Dim(0))
	kernels.WantShape(op, "labels", labels, -1)
	kernels.WantType(op, "labels", labels, kernels.Int32)
	if s.Dim(0)%max(1, labels.Dim(0)) != 0 || s.Dim(0) > 0 && labels.Dim(0) == 0 {
		panic(fmt.Sprintf("%s: %d rows for %d labels, want a multiple", op, s.Dim(0), labels.Dim(0)))
	}
	if !(margin >= 0) || math.IsInf(margin, 1) {
		panic(fmt.Sprintf("%s: margin %g, want one of 0 or more", op, margin))
	}
	switch kernels.PathOf(op, loss, ds, s) {
	case kernels.OnGPU:
		labelPairsCUDA(which, loss, ds, s, labels, margin)
	case kernels.InFloat64:
		labelPairsCPU[float64](which, loss, ds, s, labels, margin)
	case kernels.InFloat32:
		labelPairsCPU[float32](which, loss, ds, s, labels, margin)
	}
}
