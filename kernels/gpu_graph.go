package kernels

import (
	"fmt"
	"slices"

	"udml-gpu/cgo/cuda"
)

// Graph is a sequence of ops that a GPU runs as a whole: the driver is called once, not once for each of hundreds of
// kernels. Every launch does the same as the captured ops would have done at that moment, with the arguments they were
// captured with: a number that the host counts up, such as the step of AdamW's bias correction, does not change.
type Graph struct {
	dev    *Device
	graph  cuda.Graph
	launch func(t *thread) error
	blocks []block // memory that the captured ops took from the pool: kept out of it, since every launch uses it again
}

// Capture calls f and makes a graph of the ops that it queues; they are not run. f must not wait for the device, Read or
// Write, and must not need new device memory: run it once before, so that the pool holds enough. Anything else is a fault
// of the device. Arrays of f's own must be freed in f, or live longer than the graph. The caller frees the graph.
// Capture waits for the driver, not for the device; on the CPU it panics.
func (d *Device) Capture(f func()) *Graph {
	if d.gpu == nil {
		panic("kernels: Capture on " + d.name)
	}
	g := &Graph{dev: d}
	g.launch = func(t *thread) error { return g.graph.Launch(t.stream) }
	d.gpu.pool.watch()
	d.gpu.later((*thread).beginCapture)
	f()
	done := make(chan struct{})
	// Always: one cannot wait for a stream that is left capturing after a fault.
	d.gpu.queue <- command{run: g.endCapture, always: true, done: done}
	<-done
	g.blocks = d.gpu.pool.keep()
	return g
}

func (t *thread) beginCapture() error {
	t.capturing = true
	return t.stream.BeginCapture()
}

func (g *Graph) endCapture(t *thread) (err error) {
	if !t.capturing { // after an earlier fault nothing began
		return nil
	}
	t.capturing = false
	g.graph, err = t.stream.EndCapture()
	return err
}

// Launch queues the graph behind all ops queued before, and does not wait.
func (g *Graph) Launch() { g.dev.gpu.later(g.launch) }

// Free gives the graph and the memory it kept back. Launches queued before still run.
func (g *Graph) Free() {
	g.dev.gpu.later(func(*thread) error { return g.graph.Destroy() })
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
