package cluster_test

import (
	"fmt"

	"udml-gpu/kernels"
	"udml-gpu/kernels/cluster"
)

// Two clusters on a line. The same seed gives the same labels again.
func ExampleKMeans() {
	x := kernels.Of(kernels.CPU(), []float32{0, 0.1, 0.2, 9, 9.1, 9.2}, 6, 1)
	centroids, labels, inertia := cluster.KMeans(x, 2, cluster.KMeansOptions{Restarts: 1, Iterations: 10, Seed: 1})
	defer centroids.Free()
	defer labels.Free()
	l := kernels.Data[int32](labels)
	fmt.Println(l[0] == l[1] && l[1] == l[2], l[3] == l[4] && l[4] == l[5], l[0] != l[3])
	fmt.Printf("%.2f\n", inertia)
	// Output:
	// true true true
	// 0.04
}
