package eval

import "udml-gpu/kernels/cluster"

// largePairs bounds images x clusters of a k-means with the restarts and iterations that are asked for. Beyond it, as with the
// 60,502 images and 11,316 classes of Stanford Online Products, it has one start and largeIterations, in the way of FAISS (one
// start and 25 by default). The k-means++ start stays greedy: with so many clusters it is what the scores hang on, and more
// restarts or iterations hardly move them (docs/benchmarks.md). The bound does not see the width, so that all embeddings
// of a set are measured alike.
const (
	largePairs      = 100_000_000
	largeIterations = 20
)

// kmeans are the settings for n images and k clusters.
func (o Options) kmeans(n, k int) cluster.KMeansOptions {
	m := cluster.KMeansOptions{Restarts: o.Restarts, Iterations: o.Iterations, Seed: o.Seed, Tolerance: tolerance}
	if m.Iterations == 0 {
		m.Iterations = 50
	}
	if n*k > largePairs {
		m.Restarts, m.Iterations = 1, min(m.Iterations, largeIterations)
	}
	return m
}
