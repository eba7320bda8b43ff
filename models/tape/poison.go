package tape

import "udml-gpu/kernels"

// Poison makes the programs that run in the arena fill unused memory with NaN: all of the arena and the gradients of parameters before
// a step, and each buffer as soon as the plan says that no later step reads it. An op that reads a value it did not name (Op.Reads,
// Op.Saved, keep) then computes NaN instead of using the old content by chance. For tests: it costs a pass over every buffer.
func (a *Arena) Poison() {
	a.poison = true
	a.version++ // programs bind anew
}

// poison is the memory that a program fills with NaN, and when. Nil for an arena that is not poisoned.
type poison struct {
	arena *kernels.Array
	grads []*kernels.Array   // of parameters
	ended [][]*kernels.Array // after each step: the buffers that nothing reads before they are written again
}

// newPoison takes the lives of the buffers from the plan.
func newPoison(p *plan, mem *kernels.Array) *poison {
	n := &poison{arena: mem, ended: make([][]*kernels.Array, len(p.steps))}
	for _, b := range p.buffers {
		for _, l := range b.lives {
			if l.last < len(n.ended) {
				n.ended[l.last] = append(n.ended[l.last], mem.Carve(kernels.Uint8, b.offset, b.bytes))
			}
		}
	}
	for _, s := range p.back {
		for j, v := range s.dst {
			if v != nil && s.first[j] && v.root().param != nil {
				n.grads = append(n.grads, v.root().gradient())
			}
		}
	}
	return n
}

// forward comes before the first op.
func (n *poison) forward() {
	if n != nil {
		n.arena.Fill(0xff)
	}
}

// backward comes before the first backward step.
func (n *poison) backward() {
	if n != nil {
		fill(n.grads)
	}
}

// after comes after step i of the plan.
func (n *poison) after(i int) {
	if n != nil {
		fill(n.ended[i])
	}
}

func fill(arrays []*kernels.Array) {
	for _, a := range arrays {
		a.Fill(0xff)
	}
}
