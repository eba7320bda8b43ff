package loader

import (
	"fmt"

	"udml-gpu/kernels/rng"
)

// Plan is the order in which an epoch shows images, row by row; batches are cut from it in order.
type Plan struct {
	First  []int32 // the image of the cache that a row's first view shows
	Second []int32 // the image that its other views show
	Labels []int32 // the batches' labels, in the place of those of the images; nil: those
}

// Order is the order of n images in an epoch without a plan.
func Order(seed uint64, epoch, n int) []int32 {
	return rng.Key{Seed: seed, Epoch: uint32(epoch), Op: rng.OpShuffle}.Permutation(n)
}

// Follow sets the plan of the next epochs, with as many rows as Options.Rows; nil ends it. The loader keeps p. It must have been
// made with Options.Planned, and no loop may be running.
func (l *Loader) Follow(p *Plan) {
	if p != nil && (!l.o.Planned || len(p.First) != l.o.Rows || len(p.Second) != l.o.Rows || p.Labels != nil && len(p.Labels) != l.o.Rows) {
		panic(fmt.Sprintf("loader.Follow: a plan of %d and %d rows with %d labels, want %d; made with Planned: %v",
			len(p.First), len(p.Second), len(p.Labels), l.o.Rows, l.o.Planned))
	}
	l.plan = p
}

// Plan is the plan given to Follow, or nil.
func (l *Loader) Plan() *Plan { return l.plan }

// planOf is the plan that an epoch follows.
func (l *Loader) planOf(epoch int) Plan {
	if l.plan != nil {
		return *l.plan
	}
	order := Order(l.o.Seed, epoch, l.cache.Len())
	return Plan{First: order, Second: order}
}

// part is the plan of one batch.
func (l *Loader) part(p Plan, batch int) Plan {
	lo, hi := batch*l.o.Batch, min((batch+1)*l.o.Batch, len(p.First))
	part := Plan{First: p.First[lo:hi], Second: p.Second[lo:hi]}
	if p.Labels != nil {
		part.Labels = p.Labels[lo:hi]
	}
	return part
}
