package cluster

import (
	"fmt"

	"udml-gpu/kernels"
)

// KMeansOptions are the settings of KMeans.
type KMeansOptions struct {
	Restarts   int     // starts to try, at least 1; the one with the lowest inertia wins, the first of equals
	First      int     // number of the first of them; a start depends on its number alone, so that processes may share them out
	Iterations int     // of Lloyd's algorithm, at least 1
	Seed       uint64  // of the random starts
	Tolerance  float64 // stop when the centroids together moved by no more than this times the mean variance, squared L2
	// Stop is called between steps; nil: never stop. Once it has returned true, the result must not be used.
	Stop func() bool
}

func (o *KMeansOptions) stopped() bool { return o.Stop != nil && o.Stop() }

// KMeans finds k centroids [k,D] for x [N,D], 1 <= k <= N, and labels [N] int32: the nearest centroid of every row.
// inertia = sum_i |x_i - c_label(i)|^2. x must be finite; the caller frees both arrays.
//
// It is sklearn.cluster.KMeans: greedy k-means++ (Arthur and Vassilvitskii, SODA 2007; 2 + ln k candidates a step),
// then Lloyd's algorithm until the labels or, within the tolerance, the centroids stay. An empty cluster takes the row
// that is furthest from its centroid. Philox keys (seed, restart, step, candidate) make it a function of its arguments.
//
// Rows no further apart than rounding, (max(D, 64) eps)^2 |x_i|^2 squared with eps 2^-23 or 2^-52, count as the same: no second
// centroid is drawn among them, and none is moved there. So identical images get one label although their rows may differ in the
// last bits. Where fewer rows than k are distinct, the clusters left over are empty and their centroids NaN, which Assign never
// chooses. (scikit-learn, which draws them again, leaves them as empty and warns.)
//
// Both arrays are on x's device. A GPU takes the same steps with sums rounded otherwise, so that where clusters are far
// apart its labels are the CPU's; it takes float32 only.
func KMeans(x *kernels.Array, k int, o KMeansOptions) (centroids, labels *kernels.Array, inertia float64) {
	kernels.WantShape("cluster.KMeans", "x", x, -1, -1)
	if k < 1 || k > x.Dim(0) {
		panic(fmt.Sprintf("cluster.KMeans: %d clusters of %v", k, x))
	}
	switch kernels.PathOf("cluster.KMeans", x) {
	case kernels.OnGPU:
		return kmeansCUDA(x, k, o)
	case kernels.InFloat64:
		return kmeans[float64](x, k, o)
	}
	return kmeans[float32](x, k, o)
}
