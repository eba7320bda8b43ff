package criteria

import (
	"slices"

	"udml-gpu/kernels"
	"udml-gpu/kernels/distance"
)

// NeighbourOverlap is the mean over the N images of |A_i and B_i| / k: A_i are the k images whose row of gallery [N,D] is nearest by cosine
// to row i of a [N,D], the view of image i, and B_i those of b; image i itself is left out. It is 1 where both views of every image have
// the same neighbours, about k/(N-1) by chance, and 0 of fewer than 2 images. Of N <= k images all others are neighbours. All are float32.
func NeighbourOverlap(a, b, gallery *kernels.Array, k int) float64 {
	n := gallery.Dim(0)
	if k = min(k, n-1); k < 1 {
		return 0
	}
	first, second := nearest(a, gallery, k), nearest(b, gallery, k)
	shared := 0
	for i := range n {
		own := first[i*k : (i+1)*k]
		for _, j := range second[i*k : (i+1)*k] {
			if slices.Contains(own, j) {
				shared++
			}
		}
	}
	return float64(shared) / float64(n*k)
}

// Reliability is NeighbourOverlap of the two random views of images in an embedding, of five neighbours each, from the x of Measure. It
// says how far the neighbours that a network finds can be relied upon: those that a change of the picture does not alter.
func Reliability(x *kernels.Array) float64 {
	n := x.Dim(0) / (1 + Views)
	return NeighbourOverlap(x.Rows(n, 2*n), x.Rows(2*n, 3*n), x.Rows(0, n), neighbours)
}

// nearest are, for each row of x [N,D], the k rows of gallery [N,D] that are nearest by cosine, nearest first: indices [N,k]. Row i of the
// gallery is left out for row i of x.
func nearest(x, gallery *kernels.Array, k int) []int32 {
	dev := x.Device()
	score, index := dev.New(kernels.Float32, x.Dim(0), k), dev.New(kernels.Int32, x.Dim(0), k)
	defer score.Free()
	defer index.Free()
	distance.TopK(score, index, x, gallery, distance.Cosine, 0)
	return kernels.Read[int32](index)
}
