package shard

import "udml-gpu/kernels"

// pending is a sum that has been begun.
type pending struct {
	done chan struct{}   // closed at its end; nil on a GPU
	fork *kernels.Device // that has forked
	err  error           // of its group, by then
}

// BeginSum is SumBy while the caller goes on, on the CPU or of arrays that GPUs exchange themselves (Direct), whose ops are then those of a
// fork (kernels.Device.Fork). Until Wait returns nothing else may use dst and parts, and live must not change. Sums are formed one after
// another, and other exchanges of the group wait for those that were begun before: what is begun where decides the order of exchanges, and
// never how long they take.
func (g *Group) BeginSum(by Transport, op string, dst *kernels.Array, parts []*kernels.Array, live []bool) {
	if dev := dst.Device(); g.Direct(dev) {
		own := *g // that does not wait for the forks before, which run before this one
		own.pending, g.pending = nil, &pending{fork: dev}
		dev.Fork(func() { own.SumBy(by, op, dst, parts, live) })
		g.err = own.err
		return
	}
	before, p := g.pending, &pending{done: make(chan struct{})}
	own := *g // with an error of its own, and nothing to wait for
	own.pending, g.pending = nil, p
	go func() {
		defer close(p.done)
		if before != nil {
			<-before.done
			own.err = before.err
		}
		own.SumBy(by, op, dst, parts, live)
		p.err = own.err
	}()
}

// Wait returns when all sums that were begun are there; on a GPU, when ops queued from now on find them.
func (g *Group) Wait() {
	if g == nil || g.pending == nil {
		return
	}
	p := g.pending
	g.pending = nil
	if p.fork != nil {
		p.fork.Join()
		return
	}
	<-p.done
	if g.err == nil {
		g.err = p.err
	}
}
