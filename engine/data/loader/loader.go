// Package loader makes batches of random views ahead of their use.
package loader

import (
	"iter"
	"runtime"

	"udml-gpu/engine/data/cache"
	"udml-gpu/kernels"
)

// Options say how batches are made.
type Options struct {
	Batch   int    // images a batch, each seen in all views
	Views   []View // of each image; none: batches say which images they hold, and Fill is not called
	Invert  bool   // 1 minus each pixel: dark ink becomes bright
	Seed    uint64
	Workers int // goroutines that make views; 0: one a core
	Rows    int // of an epoch; 0: the images of the cache
	// Planned allocates for views of other images than the first: see Follow.
	Planned bool
	// Own are the images [first,last) of a batch of n that are made, in their order in Batch.Images: those of this process's shards. A
	// larger batch has no fewer in any of them. Nil: all.
	Own func(n int) [][2]int
	// Fixed shows in every epoch the views that are drawn for epoch 0.
	Fixed bool
}

// Loader makes batches of random views ahead of their use. Its batches depend only on the cache, the options, the plan and
// the epoch, not on the number of workers.
type Loader struct {
	cache  *cache.Cache
	o      Options
	groups []group
	slots  [3]slot       // one batch in use, two being made
	rows   map[int][]row // of batches of so many images
	plan   *Plan         // nil: every image once, in an order drawn for the epoch
}

// New makes a loader with its buffers. Close frees them.
func New(dev *kernels.Device, c *cache.Cache, o Options) *Loader {
	if o.Rows == 0 {
		o.Rows = c.Len()
	}
	o.Batch = max(min(o.Batch, o.Rows), 1)
	if o.Workers < 1 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	l := &Loader{cache: c, o: o, groups: groupsOf(o.Views), rows: map[int][]row{}}
	for i := range l.slots {
		s := &l.slots[i]
		s.batch = Batch{Samples: make([]int32, o.Batch), Second: make([]int32, o.Batch), Labels: make([]int32, o.Batch)}
		if dev.CUDA() && len(o.Views) > 0 {
			s.batch.upload = newUpload(dev, c, o, l.groups)
			continue
		}
		for _, g := range l.groups {
			full := dev.New(kernels.Float32, g.views()*o.made(o.Batch), g.size, g.size, c.Channels())
			s.full, s.batch.Images = append(s.full, full), append(s.batch.Images, full)
		}
	}
	return l
}

// Batches is the number of batches of an epoch; the last one may be smaller.
func (l *Loader) Batches() int { return (l.o.Rows + l.o.Batch - 1) / l.o.Batch }

// Rows is the number of rows of an epoch, each an image in all views.
func (l *Loader) Rows() int { return l.o.Rows }

// Epoch yields the batches of an epoch from number firstBatch on: of the plan given to Follow, or of every image once, in an order
// drawn for the epoch. The goroutines that work ahead end with the loop, however it is left. Only one loop may run at a time.
func (l *Loader) Epoch(epoch, firstBatch int) iter.Seq[*Batch] {
	return func(yield func(*Batch) bool) {
		plan := l.planOf(epoch)
		drawn := epoch
		if l.o.Fixed {
			drawn = 0
		}
		workers := l.start(uint32(drawn))
		defer workers.stop()
		last := l.Batches()
		for b := firstBatch; b < min(firstBatch+len(l.slots), last); b++ {
			workers.fill(l.slot(b), l.part(plan, b))
		}
		for b := firstBatch; b < last; b++ {
			s := l.slot(b)
			s.ready.Wait()
			if !yield(&s.batch) {
				return
			}
			if ahead := b + len(l.slots); ahead < last {
				workers.fill(s, l.part(plan, ahead))
			}
		}
	}
}

func (l *Loader) slot(batch int) *slot { return &l.slots[batch%len(l.slots)] }

// Close frees the buffers.
func (l *Loader) Close() {
	for i := range l.slots {
		l.slots[i].free()
	}
}
