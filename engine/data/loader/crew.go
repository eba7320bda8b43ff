package loader

import (
	"sync"
	"sync/atomic"

	"udml-gpu/kernels"
	"udml-gpu/kernels/augment"
	"udml-gpu/kernels/rng"
)

// slot is the memory of one batch.
type slot struct {
	full  []*kernels.Array // for a whole batch; nil on a GPU
	batch Batch            // Images are full or their first rows
	ready sync.WaitGroup   // counts the tasks that are not done
}

// resize gives the slot's batch n images.
func (s *slot) resize(n int) {
	if len(s.batch.Samples) == n {
		return
	}
	s.batch.Samples, s.batch.Second, s.batch.Labels = s.batch.Samples[:n], s.batch.Second[:n], s.batch.Labels[:n]
	for i, full := range s.full {
		shape := full.Shape()
		views := shape[0] / cap(s.batch.Samples)
		s.batch.Images[i] = full.View(0, views*n, shape[1], shape[2], shape[3])
	}
}

func (s *slot) free() {
	if s.batch.upload != nil {
		s.batch.upload.free()
	}
	for _, a := range s.full {
		a.Free()
	}
}

// task is some rows of a batch: views to make.
type task struct {
	slot   *slot
	lo, hi int
}

// taskRows is how many views a task makes: few enough to share a batch among many cores.
const taskRows = 8

// crew is the goroutines of one epoch.
type crew struct {
	loader *Loader
	epoch  uint32
	tasks  chan task
	quit   atomic.Bool
	wait   sync.WaitGroup
}

func (l *Loader) start(epoch uint32) *crew {
	// Room for all tasks of all slots: handing out work never waits.
	c := &crew{loader: l, epoch: epoch, tasks: make(chan task, len(l.slots)*kernels.TileCount(len(l.o.Views)*l.o.Batch, taskRows))}
	for range l.o.Workers {
		c.wait.Go(c.work)
	}
	return c
}

// stop lets the goroutines end; tasks not begun are dropped.
func (c *crew) stop() {
	c.quit.Store(true)
	close(c.tasks)
	c.wait.Wait()
}

// fill starts making the views of a part of the plan in a slot that nothing reads.
func (c *crew) fill(s *slot, p Plan) {
	s.resize(len(p.First))
	copy(s.batch.Samples, p.First)
	copy(s.batch.Second, p.Second)
	for i, sample := range p.First {
		s.batch.Labels[i] = c.loader.cache.Label(int(sample))
	}
	rows := len(c.loader.o.Views) * len(p.First)
	if s.batch.upload != nil { // the device makes the views
		s.ready.Add(1)
		c.tasks <- task{s, 0, rows}
		return
	}
	s.ready.Add(kernels.TileCount(rows, taskRows))
	for lo := 0; lo < rows; lo += taskRows {
		c.tasks <- task{s, lo, min(lo+taskRows, rows)}
	}
}

func (c *crew) work() {
	for t := range c.tasks {
		if k := t.slot.batch.upload; k != nil && !c.quit.Load() {
			k.pack(&t.slot.batch, c.epoch)
			t.slot.ready.Done()
			continue
		}
		for row := t.lo; row < t.hi && !c.quit.Load(); row++ {
			c.view(&t.slot.batch, row)
		}
		t.slot.ready.Done()
	}
}

// view makes one row of a batch.
func (c *crew) view(b *Batch, row int) {
	cache, o, n := c.loader.cache, c.loader.o, len(b.Samples)
	ranges, key, sample := o.draw(b, row, c.epoch)
	for i, g := range c.loader.groups {
		if at := row - g.lo*n; row/n < g.hi {
			elements := g.size * g.size * cache.Channels()
			cache.ViewTo(kernels.Data[float32](b.Images[i])[at*elements:(at+1)*elements], sample, g.size, ranges, key, o.Invert)
			return
		}
	}
}

// draw says what row of a batch shows: which image, and by which ranges and random numbers.
func (o *Options) draw(b *Batch, row int, epoch uint32) (ranges augment.Ranges, key rng.Key, sample int) {
	number, sample := row/len(b.Samples), b.shown(row)
	return o.Views[number].Ranges, rng.Key{Seed: o.Seed, Epoch: epoch, Sample: uint32(sample), Op: rng.OpAugment, View: uint16(number)}, sample
}
