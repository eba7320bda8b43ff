// Package loader makes batches of random views ahead of their use.
package loader

import (
	"iter"
	"runtime"

	"udml-gpu/engine/data/cache"
	"udml-gpu/kernels"
	"udml-gpu/kernels/augment"
	"udml-gpu/kernels/rng"
)

// Options say what batches are made of.
type Options struct {
	Batch         int            // images a batch; two views of each
	Size          int            // height and width of a view
	Invert        bool           // dark ink becomes bright
	First, Second augment.Ranges // of the two views
	Seed          uint64
	Workers       int // goroutines that make views; 0: one a core
	// Neighbours makes room for second views of other images than the first: PairWith says which.
	Neighbours bool
}

// Batch is a step's input. It is valid until the iteration goes on.
type Batch struct {
	Samples []int32 // [B] position of each image in the cache
	Second  []int32 // [B] position of the image that the second view shows: the same one, or its neighbour (PairWith)
	Labels  []int32 // [B] class of the first, -1 when unknown
	// Images are the views on the CPU, [2B,S,S,C] float32 in [0,1]: row i is the first view of image i, row B+i the second view,
	// of image i or of its neighbour.
	// Nil on a GPU, which makes them in Fill.
	Images  *kernels.Array
	courier *courier
}

// Fill puts the batch into a step's inputs on the loader's device: images [2B,S,S,C], samples [2B] int32 (those of the
// first views, then those of the second), labels [B] int32.
func (b *Batch) Fill(images, samples, labels *kernels.Array) {
	if b.courier != nil {
		b.courier.fill(images, samples, labels)
		return
	}
	images.CopyFrom(b.Images)
	n := len(b.Samples)
	kernels.Write(samples.Rows(0, n), b.Samples)
	kernels.Write(samples.Rows(n, 2*n), b.Second)
	kernels.Write(labels, b.Labels)
}

// Loader makes batches of random views ahead of their use. What it yields is a function of the cache, the options and
// the epoch alone, whatever the number of workers.
type Loader struct {
	cache      *cache.Cache
	o          Options
	slots      [3]slot // one batch in use, two being made
	neighbours []int32 // of every image, or nil
}

// New makes a loader with its buffers. Close frees them.
func New(dev *kernels.Device, c *cache.Cache, o Options) *Loader {
	o.Batch = max(min(o.Batch, c.Len()), 1)
	if o.Workers < 1 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	l := &Loader{cache: c, o: o}
	for i := range l.slots {
		s := &l.slots[i]
		s.batch = Batch{Samples: make([]int32, o.Batch), Second: make([]int32, o.Batch), Labels: make([]int32, o.Batch)}
		if dev.CUDA() {
			s.batch.courier = newCourier(dev, c, o)
			continue
		}
		s.full = dev.New(kernels.Float32, 2*o.Batch, o.Size, o.Size, c.Channels())
		s.batch.Images = s.full
	}
	return l
}

// Batches is the number of batches of an epoch; the last one may be smaller.
func (l *Loader) Batches() int { return (l.cache.Len() + l.o.Batch - 1) / l.o.Batch }

// Epoch yields the batches of an epoch from number firstBatch on, every image once, in an order of the epoch's own.
// The goroutines that work ahead end with the loop, however it is left. Only one loop may run at a time.
func (l *Loader) Epoch(epoch, firstBatch int) iter.Seq[*Batch] {
	return func(yield func(*Batch) bool) {
		order := rng.Key{Seed: l.o.Seed, Epoch: uint32(epoch), Op: rng.OpShuffle}.Permutation(l.cache.Len())
		crew := l.hire(uint32(epoch))
		defer crew.dismiss()
		last := l.Batches()
		for b := firstBatch; b < min(firstBatch+len(l.slots), last); b++ {
			crew.fill(l.slot(b), l.part(order, b))
		}
		for b := firstBatch; b < last; b++ {
			s := l.slot(b)
			s.ready.Wait()
			if !yield(&s.batch) {
				return
			}
			if ahead := b + len(l.slots); ahead < last {
				crew.fill(s, l.part(order, ahead))
			}
		}
	}
}

func (l *Loader) slot(batch int) *slot { return &l.slots[batch%len(l.slots)] }

// part is the images of a batch.
func (l *Loader) part(order []int32, batch int) []int32 {
	return order[batch*l.o.Batch : min((batch+1)*l.o.Batch, len(order))]
}

// Close frees the buffers.
func (l *Loader) Close() {
	for i := range l.slots {
		l.slots[i].free()
	}
}
