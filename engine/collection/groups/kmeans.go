package groups

import (
	"context"
	"math"
	"slices"

	"udml-gpu/kernels"
	"udml-gpu/kernels/cluster"
	"udml-gpu/kernels/rng"
)

// The settings of k-means.
const (
	restarts   = 3
	iterations = 50
	tolerance  = 1e-4
	// sampleRows is how many images a group are trained on at most (FAISS takes 256): more hardly move a mean. All images are assigned.
	sampleRows       = 128
	fewRows          = 20_000 // that are always trained on together
	sampleIterations = 15
	// seedRows a group, and so many iterations on them, are enough to begin with: the start by k-means++ is the dearest part.
	seedRows       = 20
	seedIterations = 5
)

// kmeans groups x [N,D] into q.K groups, or as many as auto finds.
func (r *Result) kmeans(ctx context.Context, x *kernels.Array, q Request) {
	stop := func() bool { return ctx.Err() != nil }
	k := q.K
	if k == 0 {
		k, r.Tried = auto(x, q.Seed, stop, q.UI.Working("choosing the number of groups"))
	}
	stop, end := counted(q.UI, "grouping", stop)
	defer end()
	r.Of = means(x, k, q.Seed, stop)
}

// KMeans is the group of each row of x [N,D], N > 0: one of k, of which some may be empty, or with k = 0 of as many as the rows propose.
func KMeans(x *kernels.Array, k int, seed uint64, stop func() bool) []int32 {
	if k == 0 {
		k, _ = auto(x, seed, stop, func(int, int) {})
	}
	return means(x, k, seed, stop)
}

// means are the groups of a k-means of x: of all rows where they are few, else of a sample, whose means then take all rows.
func means(x *kernels.Array, k int, seed uint64, stop func() bool) []int32 {
	n := x.Dim(0)
	o := cluster.KMeansOptions{Restarts: restarts, Iterations: iterations, Seed: seed, Tolerance: tolerance, Stop: stop}
	if n <= sampleRows*k || n <= fewRows {
		centroids, labels, _ := cluster.KMeans(x, k, o)
		defer centroids.Free()
		defer labels.Free()
		return kernels.Read[int32](labels)
	}
	few := sample(x, seedRows*k, seed)
	defer few.Free()
	o.Restarts, o.Iterations = 1, seedIterations
	centroids, labels, _ := cluster.KMeans(few, k, o)
	labels.Free()
	defer centroids.Free()
	part := sample(x, sampleRows*k, seed)
	defer part.Free()
	for range sampleIterations {
		if stop() {
			break
		}
		assigned(part, centroids, true)
	}
	return assigned(x, centroids, false)
}

// assigned are the numbers of the nearest centroids of the rows of x; move then makes each centroid the mean of its rows. One without rows
// stays where it is.
func assigned(x, centroids *kernels.Array, move bool) []int32 {
	dev := x.Device()
	of, count := dev.New(kernels.Int32, x.Dim(0)), dev.New(kernels.Int32, centroids.Dim(0))
	defer of.Free()
	defer count.Free()
	cluster.Assign(of, nil, x, centroids)
	if move {
		cluster.Centroids(centroids, count, x, of)
		return nil
	}
	return kernels.Read[int32](of)
}

// sample are m rows of x, in their order, drawn by the seed.
func sample(x *kernels.Array, m int, seed uint64) *kernels.Array {
	n, d := x.Dim(0), x.Dim(1)
	rows := make([]float32, 0, m*d)
	all := kernels.Read[float32](x)
	for _, i := range drawn(n, m, seed) {
		rows = append(rows, all[i*d:(i+1)*d]...)
	}
	return kernels.Of(x.Device(), rows, m, d)
}

// drawn are m of n indices, ascending: those with the smallest random numbers.
func drawn(n, m int, seed uint64) []int {
	key := make([]uint64, n)
	for i := range key {
		v := rng.Key{Seed: seed, Op: rng.OpSubset}.At(uint32(i))
		key[i] = uint64(v[0])<<32 | uint64(v[1])
	}
	at := make([]int, n)
	for i := range at {
		at[i] = i
	}
	slices.SortFunc(at, func(a, b int) int {
		if key[a] != key[b] {
			if key[a] < key[b] {
				return -1
			}
			return 1
		}
		return a - b
	})
	at = at[:m]
	slices.Sort(at)
	return at
}

// The settings of k-means while the number of groups is chosen, on autoRows images at most.
const (
	autoRows       = 4000
	autoIterations = 10
	autoTolerance  = 1e-3
)

// auto chooses the number of groups of a k-means of x, or of a sample of autoRows of it.
func auto(x *kernels.Array, seed uint64, stop func() bool, tell func(done, total int)) (k int, tried []Trial) {
	if x.Dim(0) > autoRows {
		x = sample(x, autoRows, seed)
		defer x.Free()
	}
	return choose(x.Dim(0), stop, tell, func(k int) (float64, float64) {
		o := cluster.KMeansOptions{Restarts: restarts, Iterations: autoIterations, Seed: seed, Tolerance: autoTolerance, Stop: stop}
		centroids, labels, _ := cluster.KMeans(x, k, o)
		centroids.Free()
		defer labels.Free()
		return silhouette(x, kernels.Read[int32](labels), k)
	})
}

// choose gives a number of groups of n images by their score, the mean silhouette (Rousseeuw, 1987) in which small groups count less: of
// numbers from a quarter of the root of n (at least 2: a few groups of all that there is are seldom what is wanted) to a fifth of n, each
// two fifths larger than the one before, and then of those around the best in steps of an eighth, the one with the largest score.
// Images alone in their groups count 0, so that very many groups are no good choice. Where no score is above 0 there is one group. tell is
// told how many numbers have been tried, of about how many.
func choose(n int, stop func() bool, tell func(done, total int), figure func(k int) (silhouette, score float64)) (k int, tried []Trial) {
	done, total := 0, trials(n)
	defer tell(total, total)
	try := func(k int) {
		if !stop() && k >= 2 && k <= n/5 && !slices.ContainsFunc(tried, func(t Trial) bool { return t.K == k }) {
			tell(done, total)
			done = min(done+1, total-1)
			silhouette, score := figure(k)
			tried = append(tried, Trial{k, silhouette, score})
			slices.SortFunc(tried, func(a, b Trial) int { return a.K - b.K })
		}
	}
	for at := max(2, math.Sqrt(float64(n))/4); int(at) <= n/5; at = max(at+1, at*1.4) {
		try(int(at))
	}
	coarse := float64(best(tried))
	for at := coarse / 1.4; at < coarse*1.4; at = max(at+1, at*9/8) {
		try(int(at))
	}
	return best(tried), tried
}

// best is the smallest number with the largest score; 1 where none is above 0.
func best(tried []Trial) int {
	k, most := 1, 0.0
	for _, t := range tried {
		if t.Score > most {
			k, most = t.K, t.Score
		}
	}
	return k
}
