package layout

import (
	"cmp"
	"slices"

	"udml-gpu/kernels"
	"udml-gpu/kernels/distance"
)

// TrustNeighbours is of how many neighbours on the map Trustworthiness is taken where nothing else is said.
const TrustNeighbours = 15

// trustRows is for how many points distances to all others are in memory at a time.
const trustRows = 64

// Trustworthiness says how far the k nearest points on the map [N,2] are also near among the rows x [N,D] of length 1, by cosine: 1 if they
// are the k nearest there, about 0.5 for a map by chance. It is sklearn.manifold.trustworthiness with metric="cosine" (Venna and Kaski,
// 2001); with more than sample points it is the mean over sample of them, at equal distances, with neighbours among all. k must be below
// N/2. Equal distances rank in the order of the rows. stop ends it early, with a useless result.
func Trustworthiness(x *kernels.Array, at []float32, k, sample int, stop func() bool) float64 {
	n := x.Dim(0)
	count := min(n, sample)
	dev := kernels.CPU()
	defer dev.Close()
	points := kernels.Wrap(dev, at, n, 2)
	sum := int64(0)
	for lo := 0; lo < count && !stop(); lo += trustRows {
		hi := min(lo+trustRows, count)
		sum += penalties(x, points, k, chosen(lo, hi, n, count))
	}
	worst := float64(k) * float64(2*n-3*k-1) / 2
	return 1 - float64(sum)/(float64(count)*worst)
}

// chosen are points lo to hi of count among n.
func chosen(lo, hi, n, count int) []int {
	list := make([]int, hi-lo)
	for i := range list {
		list[i] = int(int64(lo+i) * int64(n) / int64(count))
	}
	return list
}

// penalties is the sum over the rows of how far each of their k nearest points on the map lies behind the k nearest in x.
func penalties(x, points *kernels.Array, k int, rows []int) int64 {
	near := pairs(x, rows, distance.InnerProduct)
	far := pairs(points, rows, distance.SquaredL2)
	n, sums := x.Dim(0), make([]int64, len(rows))
	kernels.Tiles(len(rows), 1, func(lo, hi int) {
		for r := lo; r < hi; r++ {
			list := nearest(far[r*n:(r+1)*n], rows[r], k)
			for _, rank := range ranks(near[r*n:(r+1)*n], rows[r], list) {
				sums[r] += int64(max(0, rank-k))
			}
		}
	})
	total := int64(0)
	for _, s := range sums {
		total += s
	}
	return total
}

// pairs are the distances of some rows to all.
func pairs(x *kernels.Array, rows []int, m distance.Metric) []float32 {
	dev, n := x.Device(), x.Dim(0)
	part := make([]float32, 0, len(rows)*x.Dim(1))
	for _, i := range rows {
		part = append(part, kernels.Read[float32](x.Rows(i, i+1))...)
	}
	y := kernels.Of(dev, part, len(rows), x.Dim(1))
	defer y.Free()
	out := dev.New(kernels.Float32, len(rows), n)
	defer out.Free()
	distance.Pairwise(out, y, x, m)
	return kernels.Read[float32](out)
}

// nearest are the k points with the smallest distances, without point self.
func nearest(dist []float32, self, k int) []int {
	list := make([]int, 0, k+1)
	for j, d := range dist {
		if j == self || len(list) == k && !(d < dist[list[k-1]]) {
			continue
		}
		at := len(list)
		for at > 0 && d < dist[list[at-1]] {
			at--
		}
		if list = slices.Insert(list, at, j); len(list) > k {
			list = list[:k]
		}
	}
	return list
}

// ranks are the places of the points of the list by falling score, from 1, without point self, in no order.
func ranks(score []float32, self int, list []int) []int {
	before := func(i, j int) int { return cmp.Or(cmp.Compare(score[j], score[i]), cmp.Compare(i, j)) }
	slices.SortFunc(list, before)
	ahead, last := make([]int, len(list)), list[len(list)-1]
	for i, s := range score {
		if s < score[last] || i == self { // most of them
			continue
		}
		for at := len(list) - 1; at >= 0 && before(i, list[at]) < 0; at-- {
			ahead[at]++
		}
	}
	for at := range ahead {
		ahead[at]++
	}
	return ahead
}
