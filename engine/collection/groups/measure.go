package groups

import (
	"math"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/data/rawname"
	"udml-gpu/kernels"
	"udml-gpu/kernels/cluster"
	"udml-gpu/kernels/distance"
)

// measure finds medoids and figures of the groups of x.
func (r *Result) measure(x *kernels.Array, c *collection.Collection) {
	r.labels(c)
	if r.K == 0 {
		return
	}
	dev, n := x.Device(), x.Dim(0)
	of := kernels.Of(dev, r.Of, n)
	centroids, count := dev.New(kernels.Float32, r.K, x.Dim(1)), dev.New(kernels.Int32, r.K)
	for _, a := range []*kernels.Array{of, centroids, count} {
		defer a.Free()
	}
	cluster.Centroids(centroids, count, x, of)
	r.medoids(x, centroids, c)
	r.Silhouette, _ = silhouette(x, r.Of, r.K)
}

// medoids finds the image nearest to each group's mean, the first of equal ones, and the inertia.
func (r *Result) medoids(x, centroids *kernels.Array, c *collection.Collection) {
	d := x.Dim(1)
	rows, means := kernels.Read[float32](x), kernels.Read[float32](centroids)
	nearest := make([]float64, r.K)
	r.Central, r.Medoids = make([]int, r.K), make([]string, r.K)
	for g := range nearest {
		nearest[g] = math.Inf(1)
	}
	for i, g := range r.Of {
		if g < 0 {
			continue
		}
		sum := 0.0
		for p, v := range rows[i*d : (i+1)*d] {
			diff := float64(v) - float64(means[int(g)*d+p])
			sum += diff * diff
		}
		r.Inertia += sum
		if sum < nearest[g] {
			nearest[g], r.Central[g] = sum, r.Items[i]
		}
	}
	for g, item := range r.Central {
		r.Medoids[g] = rawname.Text(c.Items[item].Path)
	}
}

// silhouetteRows is how many images the silhouette is measured on, at most.
const silhouetteRows = 2000

// sizeDoubt: in a group of so many images a silhouette counts half.
const sizeDoubt = 10

// silhouette is the mean silhouette (sklearn.metrics.silhouette_score, Euclidean) of the rows that are in a group, or of silhouetteRows of
// them, drawn, as if there were no others; 0 where there is one group. In weighted each row counts s / (s + sizeDoubt), with s images in
// its group: photos of one scene are far from all others, and groups of two or three of them would have the highest mean of all.
func silhouette(x *kernels.Array, of []int32, k int) (mean, weighted float64) {
	var rows []int
	whole := make([]float64, k)
	for i, g := range of {
		if g >= 0 {
			rows = append(rows, i)
			whole[g]++
		}
	}
	if len(rows) > silhouetteRows {
		kept := make([]int, silhouetteRows)
		for n, at := range drawn(len(rows), silhouetteRows, 0) {
			kept[n] = rows[at]
		}
		rows = kept
	}
	n, d := len(rows), x.Dim(1)
	all, part := kernels.Read[float32](x), make([]float32, 0, n*d)
	size := make([]int, k)
	for _, i := range rows {
		part = append(part, all[i*d:(i+1)*d]...)
		size[of[i]]++
	}
	if n < 2 || k < 2 {
		return 0, 0
	}
	dev := kernels.CPU()
	defer dev.Close()
	y := kernels.Wrap(dev, part, n, d)
	pairs := dev.New(kernels.Float32, n, n)
	defer pairs.Free()
	distance.Pairwise(pairs, y, y, distance.SquaredL2)
	squared := kernels.Data[float32](pairs)
	for a := range n {
		sums := make([]float64, k)
		for b := range n {
			if a != b {
				sums[of[rows[b]]] += math.Sqrt(float64(max(squared[a*n+b], 0)))
			}
		}
		g := of[rows[a]]
		one := oneSilhouette(sums, size, int(g))
		mean += one / float64(n)
		weighted += one * whole[g] / (whole[g] + sizeDoubt) / float64(n)
	}
	return mean, weighted
}

// oneSilhouette is the silhouette of an image of group own; sums are its distances to the images of each group together.
func oneSilhouette(sums []float64, size []int, own int) float64 {
	if size[own] < 2 {
		return 0
	}
	a, b := sums[own]/float64(size[own]-1), math.Inf(1)
	for g, sum := range sums {
		if g != own && size[g] > 0 {
			b = min(b, sum/float64(size[g]))
		}
	}
	if math.IsInf(b, 0) || max(a, b) == 0 {
		return 0
	}
	return (b - a) / max(a, b)
}
