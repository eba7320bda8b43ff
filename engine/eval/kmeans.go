package eval

import (
	"context"
	"encoding/binary"
	"math"

	"udml-gpu/kernels"
	"udml-gpu/kernels/cluster"
	"udml-gpu/models/shard"
)

// Clusters are the clusters, 0 to k-1, of the rows of x [N,D] float32 that k-means finds by restarts, iterations and seed of o; with many
// rows and clusters by fewer (largePairs). Ranks of o's group share its starts, and all get the same. x must be finite. The error is that
// of ctx, of Poll or of a rank that is gone.
func Clusters(ctx context.Context, x *kernels.Array, k int, o Options) ([]int32, error) {
	return o.group(ctx, x, k)
}

// group are the clusters that k-means finds among the rows of unit. Ranks share its starts: rank r of N tries those from r S/N to (r+1) S/N
// of S, and all get the labels of the best, the first of equals, as one process that tries them all does.
func (o Options) group(ctx context.Context, unit *kernels.Array, k int) ([]int32, error) {
	settings := o.kmeans(unit.Dim(0), k)
	starts, rank, ranks := partsOf(o.Group, settings.Restarts), o.Group.Rank(), o.Group.Ranks()
	r := &rounds{ctx: ctx, o: o, steps: (settings.Restarts + ranks - 1) / ranks * settings.Iterations}
	settings.First, settings.Restarts, settings.Stop = starts[rank], starts[rank+1]-starts[rank], r.stop
	labels, inertia := make([]int32, unit.Dim(0)), 0.0
	if settings.Restarts > 0 {
		centroids, found, sum := cluster.KMeans(unit, k, settings)
		copy(labels, kernels.Read[int32](found))
		inertia = sum
		centroids.Free()
		found.Free()
	}
	if err := r.wait(); err != nil {
		return nil, err
	}
	o.tell("grouping", r.steps, r.steps)
	return labels, fromBest(o.Group, starts, inertia, labels)
}

// rounds has ranks call Options.poll equally often, although their starts take different numbers of steps: it is called in rounds, of which
// each has one call of every rank, until none has a step to do.
type rounds struct {
	ctx         context.Context
	o           Options
	done, steps int // of the rank with most of them; they end sooner where nothing moves any more
	err         error
}

// stepping is the bit of a rank that has a step to do.
const stepping = 1

// stop is called before each step; true ends k-means.
func (r *rounds) stop() bool {
	r.round(stepping)
	return r.err != nil
}

// round says whether a rank has a step to do.
func (r *rounds) round(bits uint32) bool {
	r.o.tell("grouping", r.done, r.steps)
	r.done = min(r.done+1, r.steps-1)
	if r.err == nil {
		r.err = r.o.poll(r.ctx)
	}
	if r.err == nil {
		bits = r.o.Group.Agree("step of k-means", bits)
		r.err = r.o.Group.Err()
	}
	return r.err == nil && bits != 0
}

// wait is called after the last step of this rank, and returns after that of the last rank.
func (r *rounds) wait() error {
	for r.o.Group.Ranks() > 1 && r.round(0) {
	}
	return r.err
}

// fromBest overwrites the labels with those of the rank that has found the smallest inertia, the first of equals. starts are the shares of
// the ranks; one without any has found nothing.
func fromBest(g *shard.Group, starts []int, inertia float64, labels []int32) error {
	if g.Ranks() == 1 {
		return nil
	}
	sums := g.Collect("inertia of k-means", binary.LittleEndian.AppendUint64(nil, math.Float64bits(inertia)), true)
	if err := g.Err(); err != nil {
		return err
	}
	best, least := -1, 0.0
	for rank, b := range sums {
		sum := math.Float64frombits(binary.LittleEndian.Uint64(b))
		if starts[rank+1] > starts[rank] && (best < 0 || sum < least) {
			best, least = rank, sum
		}
	}
	bounds := make([]int, g.Ranks()+1)
	for rank := best + 1; rank < len(bounds); rank++ {
		bounds[rank] = len(labels)
	}
	g.GatherRows("labels of k-means", bounds, kernels.Wrap(kernels.CPU(), labels, len(labels)))
	return g.Err()
}
