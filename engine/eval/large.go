package eval

import "udml-gpu/kernels/cluster"

// largePairs bounds images x clusters of a k-means with the requested restarts and iterations. Beyond it, as with the
// 60,502 images and 11,316 classes of Stanford Online Products, it uses one start and largeIterations, like FAISS (one
// start and 25 by default). The k-means++ start stays greedy: with so many clusters the scores depend on it, while more
// restarts or iterations hardly change them (docs/benchmarks.md). The bound does not depend on the width, so that all embeddings
// of a set are scored alike.
const (
	largePairs      = 100_000_000
	largeIterations = 20
)

// kmeans are the settings of k-means for n images and k clusters.
func (o Options) kmeans(n, k int) cluster.KMeansOptions {
	m := cluster.KMeansOptions{Restarts: max(1, o.Restarts), Iterations: o.Iterations, Seed: o.Seed, Tolerance: tolerance}
	if m.Iterations == 0 {
		m.Iterations = 50
	}
	if n*k > largePairs {
		m.Restarts, m.Iterations = 1, min(m.Iterations, largeIterations)
	}
	return m
}
