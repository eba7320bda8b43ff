package criteria

import (
	"math"

	"udml-gpu/kernels"
)

// Hubness is the skewness of how often each of the N images is among the k nearest others, by cosine, of an image: with o_i that number for
// row i of x [N,D] float32 and m the mean of all, mean (o_i - m)^3 / (mean (o_i - m)^2)^1.5 (scipy.stats.skew). It is large where a few
// images are neighbours of very many, and 0 where all are so equally often, or of fewer than 2 images. Radovanovic, Nanopoulos and
// Ivanovic, "Hubs in Space", JMLR 2010.
func Hubness(x *kernels.Array, k int) float64 {
	n := x.Dim(0)
	if k = min(k, n-1); k < 1 {
		return 0
	}
	count := make([]float64, n)
	for _, j := range nearest(x, x, k) {
		if j >= 0 {
			count[j]++
		}
	}
	return skewness(count)
}

// skewness is that of the values; 0 where they are all the same.
func skewness(values []float64) float64 {
	n, mean := float64(len(values)), 0.0
	for _, v := range values {
		mean += v / n
	}
	var square, cube float64
	for _, v := range values {
		d := v - mean
		square += d * d / n
		cube += d * d * d / n
	}
	if !(square > 0) {
		return 0
	}
	return cube / math.Pow(square, 1.5)
}
