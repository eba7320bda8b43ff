package cluster

import (
	"math"
	"slices"

	"udml-gpu/kernels"
	"udml-gpu/kernels/rng"
)

// rowTile is the number of rows whose sums are kept apart and then added in order.
const rowTile = 1024

func kmeans[T kernels.Float](x *kernels.Array, k int, o KMeansOptions) (c, labels *kernels.Array, inertia float64) {
	dev := x.Device()
	c, labels = dev.New(x.DType(), k, x.Dim(1)), dev.New(kernels.Int32, x.Dim(0))
	l := newLloyd[T](x, k)
	l.stop = o.stopped
	defer l.free()
	for r := range max(1, o.Restarts) {
		l.start(rng.Key{Seed: o.Seed, Op: rng.OpKMeans, View: uint16(o.First + r)})
		l.run(max(1, o.Iterations), o.Tolerance)
		if o.stopped() {
			break
		}
		if got := l.inertia(); r == 0 || got < inertia {
			c.CopyFrom(l.c)
			labels.CopyFrom(l.label)
			inertia = got
		}
	}
	addMean(kernels.Data[T](c), l.mean)
	return c, labels, inertia
}

// lloyd is one run of Lloyd's algorithm on the rows x, which have mean 0: distances then lose few digits.
type lloyd[T kernels.Float] struct {
	x, c, old           *kernels.Array
	label, before, dist *kernels.Array
	same                *kernels.Array // [N]: squared distances from a row that are rounding
	count               *kernels.Array
	mean                []float64
	stop                func() bool
}

func newLloyd[T kernels.Float](x *kernels.Array, k int) *lloyd[T] {
	dev, t, n, d := x.Device(), x.DType(), x.Dim(0), x.Dim(1)
	l := &lloyd[T]{
		x: dev.New(t, n, d), c: dev.New(t, k, d), old: dev.New(t, k, d), dist: dev.New(t, n), same: dev.New(t, n),
		label: dev.New(kernels.Int32, n), before: dev.New(kernels.Int32, n), count: dev.New(kernels.Int32, k),
		mean: make([]float64, d), stop: never,
	}
	l.x.CopyFrom(x)
	sameOf(kernels.Data[T](l.same), kernels.Data[T](x), d)
	l.centre(kernels.Data[T](l.x))
	return l
}

func never() bool { return false }

// centre moves the rows so that their mean is 0.
func (l *lloyd[T]) centre(x []T) {
	d := len(l.mean)
	for row := x; len(row) > 0 && d > 0; row = row[d:] {
		for p, v := range row[:d] {
			l.mean[p] += float64(v)
		}
	}
	for p := range l.mean {
		l.mean[p] /= float64(l.x.Dim(0))
	}
	kernels.Tiles(l.x.Dim(0), rowTile, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			for p, v := range x[i*d : (i+1)*d] {
				x[i*d+p] = T(float64(v) - l.mean[p])
			}
		}
	})
}

func (l *lloyd[T]) free() {
	for _, a := range []*kernels.Array{l.x, l.c, l.old, l.dist, l.same, l.label, l.before, l.count} {
		a.Free()
	}
}

func addMean[T kernels.Float](c []T, mean []float64) {
	for i, v := range c {
		c[i] = T(float64(v) + mean[i%len(mean)])
	}
}

// run moves the centroids at most so many times and leaves the labels that belong to them.
func (l *lloyd[T]) run(iterations int, tolerance float64) {
	limit := tolerance * l.variance()
	for i := range iterations {
		if l.stop() {
			return
		}
		l.before.CopyFrom(l.label)
		Assign(l.label, l.dist, l.x, l.c)
		l.fillEmpty()
		if i > 0 && slices.Equal(kernels.Data[int32](l.label), kernels.Data[int32](l.before)) {
			return
		}
		l.old.CopyFrom(l.c)
		Centroids(l.c, l.count, l.x, l.label)
		if l.moved() <= limit {
			break
		}
	}
	Assign(l.label, l.dist, l.x, l.c)
}

// moved is the sum of the squared distances by which the centroids moved. An empty cluster's stays.
func (l *lloyd[T]) moved() float64 {
	c, old, d, sum := kernels.Data[T](l.c), kernels.Data[T](l.old), len(l.mean), 0.0
	for j, n := range kernels.Data[int32](l.count) {
		if n == 0 {
			continue
		}
		for p := j * d; p < (j+1)*d; p++ {
			diff := float64(c[p] - old[p])
			sum += diff * diff
		}
	}
	return sum
}

// variance is the mean over the columns of their variance.
func (l *lloyd[T]) variance() float64 {
	x := kernels.Data[T](l.x)
	d := len(l.mean)
	return l.sum(func(i int) float64 { return sumOfSquares(x[i*d : (i+1)*d]) }) / float64(max(1, len(x)))
}

// inertia is the sum of the rows' squared distances to their centroids, by differences.
func (l *lloyd[T]) inertia() float64 {
	x, c, label, d := kernels.Data[T](l.x), kernels.Data[T](l.c), kernels.Data[int32](l.label), len(l.mean)
	return l.sum(func(i int) float64 {
		if label[i] < 0 {
			return 0
		}
		return squaredDistance(x[i*d:][:d], c[int(label[i])*d:][:d])
	})
}

// sum adds f(row) over all rows, the same way on any number of cores.
func (l *lloyd[T]) sum(f func(i int) float64) float64 {
	n := l.label.Len()
	part := kernels.BorrowHost[float64](kernels.TileCount(n, rowTile))
	defer kernels.ReturnHost(part)
	kernels.Tiles(n, rowTile, func(lo, hi int) {
		s := 0.0
		for i := lo; i < hi; i++ {
			s += f(i)
		}
		part[lo/rowTile] = s
	})
	total := 0.0
	for _, p := range part {
		total += p
	}
	return total
}

// fillEmpty gives every empty cluster the row that is furthest from its own centroid, as long as one is off it.
func (l *lloyd[T]) fillEmpty() {
	label, dist, count := kernels.Data[int32](l.label), kernels.Data[T](l.dist), kernels.Data[int32](l.count)
	same := kernels.Data[T](l.same)
	clear(count)
	for _, j := range label {
		if j >= 0 {
			count[j]++
		}
	}
	for j, n := range count {
		if n > 0 {
			continue
		}
		at := furthest(dist, same, label, count)
		if at < 0 {
			return
		}
		count[label[at]]--
		label[at], dist[at] = int32(j), 0
		count[j]++
	}
}

// furthest is the first row with the largest finite distance beyond rounding among clusters of several rows, or -1.
func furthest[T kernels.Float](dist, same []T, label, count []int32) int {
	best, at := 0.0, -1
	for i, v := range dist {
		if d := float64(v); d > best && v > same[i] && !math.IsInf(d, 1) && label[i] >= 0 && count[label[i]] > 1 {
			best, at = d, i
		}
	}
	return at
}
