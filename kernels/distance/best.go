package distance

import "udml-gpu/kernels"

// BestPositive tells, for every row of x [N,D], how many rows of y [M,D] come before the best row of the same label:
// rank [N] int32. Rows come in the order of TopK, best first, equal values by index. -1 where no other row has the
// label. So Recall@K is the share of rows with 0 <= rank < K.
//
// labelsX [N] and labelsY [M] are int32; selfOffset and NaN are as in TopK. Time O(N M D), memory O(M) a core: the
// scores of some rows of x at a time. A GPU holds the packed y and no scores, and takes the time twice, unless rows come in the order of
// their labels: it looks for the best row of a label only where the label may be.
func BestPositive(rank, x, y, labelsX, labelsY *kernels.Array, m Metric, selfOffset int) {
	const op = "distance.BestPositive"
	wantRows(op, x, y, m)
	wantSelf(op, x.Dim(0), y.Dim(0), selfOffset)
	kernels.WantShape(op, "rank", rank, x.Dim(0))
	kernels.WantShape(op, "labelsX", labelsX, x.Dim(0))
	kernels.WantShape(op, "labelsY", labelsY, y.Dim(0))
	switch kernels.PathOf(op, x, y) {
	case kernels.OnGPU:
		bestCUDA(rank, x, y, labelsX, labelsY, m, selfOffset)
	case kernels.InFloat64:
		bestPositive[float64](rank, x, y, labelsX, labelsY, m, selfOffset)
	case kernels.InFloat32:
		bestPositive[float32](rank, x, y, labelsX, labelsY, m, selfOffset)
	}
}
