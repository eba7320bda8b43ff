package distance

import "udml-gpu/kernels"

// TopK finds, for every row of x [N,D], the k best rows of y [M,D], best first: vals [N,k] holds m(x[i], y[j]) as
// Pairwise computes it, idx [N,k] int32 the j. Equal values go to the smaller index. With selfOffset >= 0 row i of x is
// row selfOffset+i of y and is left out; -1 means that no row is. A NaN is never chosen. Places for which there are no
// rows left hold index -1 and the worst value (+Inf for SquaredL2, else -Inf).
//
// It runs in blocks of rows and columns: memory O(N k), time O(N M D). It equals sorting each row of Pairwise, and
// faiss.IndexFlatL2/IP.search on rows without ties. A GPU also holds y and 64 MiB of x, packed, and candidates: 512 MiB,
// or 1 KiB M where 128 rows need more.
func TopK(vals, idx, x, y *kernels.Array, m Metric, selfOffset int) {
	TopKPart(vals, idx, x, y, m, selfOffset, Part{0, x.Dim(0)})
}

// wantTopK checks the arguments of TopK.
func wantTopK(op string, vals, idx, x, y *kernels.Array, m Metric, selfOffset int) {
	wantRows(op, x, y, m)
	wantSelf(op, x.Dim(0), y.Dim(0), selfOffset)
	kernels.WantShape(op, "vals", vals, x.Dim(0), -1)
	kernels.WantShape(op, "idx", idx, x.Dim(0), vals.Dim(1))
	kernels.WantType(op, "vals", vals, x.DType())
	kernels.WantType(op, "idx", idx, kernels.Int32)
}
