package criteria

import (
	"udml-gpu/engine/eval"
	"udml-gpu/kernels"
	"udml-gpu/kernels/cluster"
)

// clusterings are the numbers of clusters of ClusterStability; of few images, at most a quarter of them.
var clusterings = []int{32, 128}

// ClusterStability is the mean, over k-means of 32 and of 128 clusters (at most N/4), of the adjusted mutual information (eval.AMI) of the
// labels of the rows of a [N,D] with those of b [N,D], the other views of the same N images, both float32: 1 where both views are grouped
// alike, about 0 by chance. Each view has a k-means of its own, as in ClassAMI (Musgrave et al., "Three New Validators", 2022), where the
// second labels are predictions. With fewer than 8 images there is nothing to group: 0.
func ClusterStability(a, b *kernels.Array, seed uint64) float64 {
	n, sum, kinds, last := a.Dim(0), 0.0, 0.0, 0
	for _, k := range clusterings {
		if k = min(k, n/4); k < 2 || k == last {
			continue
		}
		sum += eval.AMI(groups(a, k, seed), groups(b, k, seed))
		kinds, last = kinds+1, k
	}
	if kinds == 0 {
		return 0
	}
	return sum / kinds
}

// groups are the labels of a k-means of x into k clusters.
func groups(x *kernels.Array, k int, seed uint64) []int32 {
	centroids, labels, _ := cluster.KMeans(x, k, cluster.KMeansOptions{Restarts: 1, Iterations: 50, Seed: seed, Tolerance: 1e-4})
	defer centroids.Free()
	defer labels.Free()
	return kernels.Read[int32](labels)
}
