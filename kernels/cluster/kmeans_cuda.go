package cluster

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/distance"
	"udml-gpu/kernels/rng"
)

var (
	shiftKernel    = kernels.NewKernel("cluster_shift")
	wholeKernel    = kernels.NewKernel("cluster_whole")
	differKernel   = kernels.NewKernel("cluster_differ")
	statusKernel   = kernels.NewKernel("cluster_status")
	inertiaKernel  = kernels.NewKernel("cluster_inertia")
	totalKernel    = kernels.NewKernel("cluster_total")
	furthestKernel = kernels.NewKernel("cluster_furthest")
	sameKernel     = kernels.NewKernel("cluster_same")
	refillKernel   = kernels.NewKernel("cluster_refill")
)

// kmeansCUDA is kmeans on a GPU. The host waits once an iteration, for three numbers, and twice a restart.
func kmeansCUDA(x *kernels.Array, k int, o KMeansOptions) (c, labels *kernels.Array, inertia float64) {
	dev := x.Device()
	c, labels = dev.Scratch(kernels.Float32, k, x.Dim(1)), dev.Scratch(kernels.Int32, x.Dim(0))
	l := newLloydCUDA(x, k)
	defer l.free()
	l.stop = o.stopped
	limit := o.Tolerance * l.sumOfSquares(nil) / float64(max(1, x.Len()))
	for r := range max(1, o.Restarts) {
		l.start(rng.Key{Seed: o.Seed, Op: rng.OpKMeans, View: uint16(o.First + r)})
		l.run(max(1, o.Iterations), limit)
		if o.stopped() {
			break
		}
		if got := l.sumOfSquares(l.c); r == 0 || got < inertia {
			c.CopyFrom(l.c)
			labels.CopyFrom(l.label)
			inertia = got
		}
	}
	l.shift(c, c, 1)
	return c, labels, inertia
}

// lloydCUDA is lloyd on a GPU: the same steps in the same order.
type lloydCUDA struct {
	dev                 *kernels.Device
	n, k, d             int
	x, c                *kernels.Array
	rows                *distance.Prepared // x
	label, before, dist *kernels.Array
	same                *kernels.Array // [N]: squared distances from a row that are rounding
	count               *kernels.Array
	mean, moved         *kernels.Array // float64 [D]; [K,columns]: how far each centroid moved, squared
	status, changed     *kernels.Array // float64 [3] and int32 [1] of cluster_status
	part, total         *kernels.Array // float64: sums of inertia
	best                *kernels.Array // 8 bytes a block: the furthest rows
	group               *grouping
	sums                *segments
	stop                func() bool
}

// reduceBlocks bounds the grid of reductions whose blocks' results one block then adds.
const reduceBlocks = 1024

func newLloydCUDA(x *kernels.Array, k int) *lloydCUDA {
	dev, n, d := x.Device(), x.Dim(0), x.Dim(1)
	float, double, integer := kernels.Float32, kernels.Float64, kernels.Int32
	l := &lloydCUDA{dev: dev, n: n, k: k, d: d, stop: never, group: newGrouping(dev, n, k), sums: newSegments(dev, n, k, d)}
	l.x, l.c, l.dist = dev.Scratch(float, n, d), dev.Scratch(float, k, d), dev.Scratch(float, n)
	l.same = dev.Scratch(float, n)
	l.label, l.before, l.count = dev.New(integer, n), dev.New(integer, n), dev.Scratch(integer, k)
	l.mean, l.moved = dev.Scratch(double, d), dev.New(double, k, l.sums.columns())
	l.status, l.changed, l.best = dev.Scratch(double, 3), dev.New(integer, 1), dev.Scratch(double, reduceBlocks)
	l.part, l.total = dev.Scratch(double, reduceBlocks), dev.Scratch(double, 1)
	dev.Launch(sameKernel, warpsFor(n), kernels.Ptr(l.same), kernels.Ptr(x), kernels.F64(sameFactor(float, d)), kernels.I32(n),
		kernels.I32(d))
	l.centre(x)
	l.rows = distance.Prepare(l.x, distance.SquaredL2)
	return l
}

func (l *lloydCUDA) free() {
	l.rows.Free()
	for _, a := range []*kernels.Array{
		l.x, l.c, l.dist, l.same, l.label, l.before, l.count, l.mean, l.moved, l.status, l.changed, l.best, l.part, l.total, l.sums.sum,
	} {
		a.Free()
	}
	l.group.free()
}

// centre fills l.x with the rows moved so that their mean is 0: the mean is the centroid of all rows as one cluster.
func (l *lloydCUDA) centre(x *kernels.Array) {
	if l.d == 0 {
		return
	}
	s, g := newSegments(l.dev, l.n, 1, l.d), l.group
	l.dev.Launch(wholeKernel, kernels.Launch{}, kernels.Ptr(g.start), kernels.Ptr(g.piece), kernels.Ptr(l.count),
		kernels.I32(l.n), kernels.I32(pieceRows))
	s.add(x, nil, g.start, g.piece)
	s.means(nil, l.mean, nil, g.piece, l.count)
	s.sum.Free()
	l.shift(l.x, x, -1)
}

// shift is y = x + sign mean.
func (l *lloydCUDA) shift(y, x *kernels.Array, sign float64) {
	if x.Len() > 0 {
		l.dev.Launch(shiftKernel, kernels.Elements(x.Len()), kernels.Ptr(y), kernels.Ptr(x), kernels.Ptr(l.mean),
			kernels.F64(sign), kernels.I64(x.Len()), kernels.I32(l.d))
	}
}

// sumOfSquares is the sum of the rows' squared distances to their centroids, or to 0 without c. It waits.
func (l *lloydCUDA) sumOfSquares(c *kernels.Array) float64 {
	grid := warpsFor(l.n)
	grid.Grid.X = min(grid.Grid.X, reduceBlocks)
	l.dev.Launch(inertiaKernel, grid, kernels.Ptr(l.part), kernels.Ptr(l.x), kernels.Ptr(c), kernels.Ptr(l.label), kernels.I32(l.n),
		kernels.I32(l.d))
	l.dev.Launch(totalKernel, oneBlock(), kernels.Ptr(l.total), kernels.Ptr(l.part), kernels.I32(grid.Grid.X))
	return kernels.Read[float64](l.total)[0]
}

func oneBlock() kernels.Launch { return kernels.Launch{Block: kernels.Dim{X: wideBlock}} }

// run moves the centroids at most so many times and leaves the labels that belong to them.
func (l *lloydCUDA) run(iterations int, limit float64) {
	for i := range iterations {
		if l.stop() {
			return
		}
		l.assign()
		moved, changed, empty := l.look()
		if i > 0 && moved <= limit {
			return
		}
		if empty > 0 {
			l.fillEmpty(empty)
			_, changed, _ = l.look()
		}
		if i > 0 && !changed {
			return
		}
		l.group.place(l.count, l.label)
		l.sums.add(l.x, l.group.order, l.group.start, l.group.piece)
		l.sums.means(l.c, nil, l.moved, l.group.piece, l.count)
	}
	l.nearest()
}

// nearest is Assign of the rows to the centroids.
func (l *lloydCUDA) nearest() { l.rows.Nearest(l.dist.Reshape(l.n, 1), l.label.Reshape(l.n, 1), l.c) }

// assign also keeps the labels of the iteration before.
func (l *lloydCUDA) assign() {
	l.label, l.before = l.before, l.label
	l.nearest()
}

// look counts the labels and waits for the iteration's figures: how far the centroids moved last, whether any label
// changed, the number of empty clusters.
func (l *lloydCUDA) look() (moved float64, changed bool, empty int) {
	l.group.count(l.count, l.label)
	l.dev.Launch(differKernel, kernels.Elements(l.n), kernels.Ptr(l.changed), kernels.Ptr(l.label), kernels.Ptr(l.before), kernels.I32(l.n))
	l.dev.Launch(statusKernel, oneBlock(), kernels.Ptr(l.status), kernels.Ptr(l.changed), kernels.Ptr(l.moved), kernels.I64(l.moved.Len()),
		kernels.Ptr(l.count), kernels.I32(l.k))
	s := kernels.Read[float64](l.status)
	return s[0], s[1] != 0, int(s[2])
}

// fillEmpty gives every empty cluster the row that is furthest from its own centroid, as long as one is off it.
func (l *lloydCUDA) fillEmpty(empty int) {
	grid := kernels.Elements(l.n)
	grid.Grid.X = min(grid.Grid.X, reduceBlocks)
	for range empty {
		l.dev.Launch(furthestKernel, grid, kernels.Ptr(l.best), kernels.Ptr(l.dist), kernels.Ptr(l.same),
			kernels.Ptr(l.label), kernels.Ptr(l.count), kernels.I32(l.n))
		l.dev.Launch(refillKernel, oneBlock(), kernels.Ptr(l.label), kernels.Ptr(l.dist), kernels.Ptr(l.count), kernels.Ptr(l.best),
			kernels.I32(grid.Grid.X), kernels.I32(l.k))
	}
}
