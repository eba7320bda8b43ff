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
	full  []*kernels.Array // of a full batch; nil on a GPU
	batch Batch            // its Images are views of the first rows of full
	ready sync.WaitGroup   // counts unfinished tasks
}

// resize gives the slot's batch n images, of which so many are made.
func (s *slot) resize(n, made int, groups []group) {
	if len(s.batch.Samples) == n {
		return
	}
	s.batch.Samples, s.batch.Second, s.batch.Labels = s.batch.Samples[:n], s.batch.Second[:n], s.batch.Labels[:n]
	for i, full := range s.full {
		shape := full.Shape()
		s.batch.Images[i] = full.View(0, groups[i].views()*made, shape[1], shape[2], shape[3])
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

// task is to make some rows of a batch's views.
type task struct {
	slot   *slot
	lo, hi int
}

// taskRows is how many views a task makes: few enough that many cores share a batch.
const taskRows = 8

// workers are the goroutines of one epoch.
type workers struct {
	loader *Loader
	epoch  uint32
	tasks  chan task
	quit   atomic.Bool
	wait   sync.WaitGroup
}

func (l *Loader) start(epoch uint32) *workers {
	// The channel holds all tasks of all slots, so that sending never waits.
	room := len(l.slots) * kernels.TileCount(len(l.o.Views)*l.o.Batch, taskRows)
	w := &workers{loader: l, epoch: epoch, tasks: make(chan task, room)}
	for range l.o.Workers {
		w.wait.Go(w.work)
	}
	return w
}

// stop ends the goroutines; tasks that were not begun are dropped.
func (w *workers) stop() {
	w.quit.Store(true)
	close(w.tasks)
	w.wait.Wait()
}

// fill starts making the views of a part of the plan in a slot that is not in use.
func (w *workers) fill(s *slot, p Plan) {
	l, n := w.loader, len(p.First)
	s.resize(n, l.o.made(n), l.groups)
	s.batch.rows = l.rowsOf(n)
	copy(s.batch.Samples, p.First)
	copy(s.batch.Second, p.Second)
	if copy(s.batch.Labels, p.Labels) == 0 {
		for i, sample := range p.First {
			s.batch.Labels[i] = l.cache.Label(int(sample))
		}
	}
	rows := len(s.batch.rows)
	if s.batch.upload != nil { // the device makes the views
		s.ready.Add(1)
		w.tasks <- task{s, 0, rows}
		return
	}
	s.ready.Add(kernels.TileCount(rows, taskRows))
	for lo := 0; lo < rows; lo += taskRows {
		w.tasks <- task{s, lo, min(lo+taskRows, rows)}
	}
}

func (w *workers) work() {
	for t := range w.tasks {
		if k := t.slot.batch.upload; k != nil && !w.quit.Load() {
			k.packed.Device().Beside(func() { k.pack(&t.slot.batch, w.epoch) })
			t.slot.ready.Done()
			continue
		}
		for row := t.lo; row < t.hi && !w.quit.Load(); row++ {
			w.view(&t.slot.batch, row)
		}
		t.slot.ready.Done()
	}
}

// view makes one row of a batch.
func (w *workers) view(b *Batch, number int) {
	cache, o, r := w.loader.cache, w.loader.o, b.rows[number]
	ranges, key, sample := o.draw(b, r, w.epoch)
	size := w.loader.groups[r.group].size
	elements := size * size * cache.Channels()
	cache.ViewTo(kernels.Data[float32](b.Images[r.group])[r.at*elements:(r.at+1)*elements], sample, size, ranges, key, o.Invert)
}

// draw is the content of a row of a batch: the image, the ranges of its view and the random numbers.
func (o *Options) draw(b *Batch, r row, epoch uint32) (ranges augment.Ranges, key rng.Key, sample int) {
	sample = b.Shown(r.view*len(b.Samples) + r.image)
	key = rng.Key{Seed: o.Seed, Epoch: epoch, Sample: uint32(sample), Op: rng.OpAugment, View: uint16(r.view)}
	return o.Views[r.view].Ranges, key, sample
}
