package shard

import "udml-gpu/kernels"

// pending is a sum that has been begun.
type pending struct {
	done chan struct{} // closed at its end
	err  error         // of its group, by then
}

// BeginSum is SumBy on the CPU while the caller goes on. Until Wait returns nothing else may use dst and parts, and live must not change.
// Sums are formed one after another, and other exchanges of the group wait for those that were begun before: what is begun where decides
// the order of exchanges, and never how long they take.
func (g *Group) BeginSum(by Transport, op string, dst *kernels.Array, parts []*kernels.Array, live []bool) {
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

// Wait returns when all sums that were begun are there.
func (g *Group) Wait() {
	if g == nil || g.pending == nil {
		return
	}
	<-g.pending.done
	if g.err == nil {
		g.err = g.pending.err
	}
	g.pending = nil
}
