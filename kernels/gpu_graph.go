package kernels

import (
	"errors"
	"fmt"
	"slices"

	"udml-gpu/cgo/cuda"
)

// Graph is a sequence of ops that a GPU runs as a whole: the driver is called once, not once for each of hundreds of
// kernels. Every launch does the same as the captured ops would have done at that moment, with the arguments they were
// captured with: a number that the host counts up does not change. What differs from launch to launch lies on the device (kernels/numbers).
type Graph struct {
	dev    *Device
	graph  cuda.Graph
	launch func(t *thread) error
	blocks []block // memory that the captured ops took from the pool: kept out of it, since every launch uses it again
}

// Capture calls f and makes a graph of the ops that it queues; they are not run. f must not wait for the device, Read or Write, and must
// not need new device memory: run it once before, so that the pool holds enough. Arrays of f's own must be freed in f, or live longer than
// the graph. Forks before are joined, those of f must be joined in f. The caller frees the graph. Where something cannot be captured, or
// the driver makes no graph of it, the error says so, nothing has run, and the device goes on: the ops may be queued in the usual way.
// UDML_SYNC=1, which waits for each kernel, is such an error. Capture waits for the driver, not for the device; on the CPU it panics.
func (d *Device) Capture(f func()) (*Graph, error) {
	if d.gpu == nil {
		panic("kernels: Capture on " + d.name)
	}
	d.gpu.beside.Lock()
	defer d.gpu.beside.Unlock()
	g := &Graph{dev: d}
	g.launch = func(t *thread) error { return g.graph.Launch(t.stream) }
	d.gpu.pool.watch()
	var err error
	d.gpu.now(func(t *thread) error {
		err = t.beginCapture()
		return nil
	})
	if err == nil {
		f()
		done := make(chan struct{})
		// Always: one cannot wait for a stream that is left capturing after a fault.
		d.gpu.queue <- command{run: func(t *thread) error { err = g.endCapture(t); return nil }, always: true, done: done}
		<-done
	}
	g.blocks = d.gpu.pool.keep()
	if fault := d.Err(); fault != nil { // what the driver says then is a consequence
		err = fault
	}
	if err != nil {
		g.giveBack()
		return nil, err
	}
	return g, nil
}

// Beside calls f, which queues work on the device from another goroutine than that of the ops, such as Staging.Send: such work would become
// part of a capture that goes on. It waits for one, and a capture waits for f. On the CPU it calls f.
func (d *Device) Beside(f func()) {
	if d.gpu != nil {
		d.gpu.beside.RLock()
		defer d.gpu.beside.RUnlock()
	}
	f()
}

func (t *thread) beginCapture() error {
	if t.each {
		return errors.New("UDML_SYNC=1 waits for every kernel")
	}
	if t.forks.inside {
		return errors.New("a capture within a fork")
	}
	if err := t.join(); err != nil { // within the capture the driver refuses to wait for what was queued before
		return err
	}
	t.refused = nil
	err := t.stream.BeginCapture()
	t.capturing = err == nil
	return err
}

// endCapture ends the capture. The first error in it counts: the driver's own, at the end, is often a consequence.
func (g *Graph) endCapture(t *thread) (err error) {
	if !t.capturing { // after an earlier fault nothing began
		return nil
	}
	t.capturing = false
	t.endForks()
	g.graph, err = t.stream.EndCapture()
	if t.refused == nil {
		return err
	}
	if err == nil {
		_ = g.graph.Destroy() // the error that counts is the refusal
	}
	return t.refused
}

// Launch queues the graph behind all ops queued before, and does not wait.
func (g *Graph) Launch() { g.dev.gpu.later(g.launch) }

// Free gives the graph and the memory it kept back. Launches queued before still run.
func (g *Graph) Free() {
	g.dev.gpu.later(func(*thread) error { return g.graph.Destroy() })
	g.giveBack()
}

// giveBack returns the memory that the graph kept to the pool.
func (g *Graph) giveBack() {
	for _, b := range g.blocks {
		g.dev.gpu.pool.put(b.addr, b.size)
	}
	g.blocks = nil
}

// outsideCapture is an error while ops are being captured.
func (t *thread) outsideCapture(what string) error {
	if t.capturing {
		return fmt.Errorf("%s cannot become part of a CUDA graph: do it before the capture", what)
	}
	return nil
}

// block is device memory of the pool.
type block struct {
	addr uint64
	size int
}

// watch makes the pool record the memory that it hands out.
func (p *pool) watch() {
	p.Lock()
	defer p.Unlock()
	p.watched = map[block]bool{}
}

// keep removes from the pool the memory that was handed out since watch and given back.
func (p *pool) keep() []block {
	p.Lock()
	defer p.Unlock()
	var kept []block
	for b := range p.watched {
		if i := slices.Index(p.free[b.size], b.addr); i >= 0 {
			p.free[b.size] = slices.Delete(p.free[b.size], i, i+1)
			kept = append(kept, b)
		}
	}
	p.watched = nil
	return kept
}
