package tape

import (
	"cmp"
	"slices"

	"udml-gpu/kernels"
)

// buffer is a stretch of the arena that lives from step first to step last, both included.
type buffer struct {
	bytes, offset int
	first, last   int
}

// backStep is the backward of one op: where each input's gradient goes, and whether it is added.
type backStep struct {
	op    *Op
	dst   []*Var // var whose gradient is written, nil when not wanted
	first []bool // this op is the first to write that gradient
	temp  []*buffer
}

// plan is the schedule of a step, and the memory that every var and gradient takes in it.
type plan struct {
	tape    *Tape
	back    []*backStep
	values  map[*Var]*buffer // by root var
	grads   map[*Var]*buffer
	buffers []*buffer
	bytes   int
}

// newPlan schedules forward ops 0..n-1 and then, when loss is not nil, backward steps n, n+1, ...
func newPlan(t *Tape, loss *Var, keep []*Var) *plan {
	p := &plan{tape: t, values: map[*Var]*buffer{}, grads: map[*Var]*buffer{}}
	if loss != nil {
		p.scheduleBackward(loss)
	}
	end := len(t.ops) + len(p.back)
	p.valueLives(end, append(slices.Clone(keep), nonNil(loss)...))
	p.shareValues()
	p.gradLives(loss)
	p.pack()
	return p
}

func nonNil(v *Var) []*Var {
	if v == nil {
		return nil
	}
	return []*Var{v}
}

// scheduleBackward walks the ops backwards from the loss and keeps those that a gradient reaches.
func (p *plan) scheduleBackward(loss *Var) {
	written := map[*Var]bool{loss.root(): true}
	for i := len(p.tape.ops) - 1; i >= 0; i-- {
		op := p.tape.ops[i]
		reached := op.Backward != nil && slices.ContainsFunc(op.Out, func(v *Var) bool { return v.needs && written[v.root()] })
		if !reached || !slices.ContainsFunc(op.In, func(v *Var) bool { return v.needs }) {
			continue
		}
		s := &backStep{op: op, dst: make([]*Var, len(op.In)), first: make([]bool, len(op.In)), temp: make([]*buffer, len(op.In))}
		for j, v := range op.In {
			if v.needs {
				s.dst[j], s.first[j] = v, !written[v.root()]
				written[v.root()] = true
			}
		}
		p.back = append(p.back, s)
	}
}

// valueLives sets for each value the first and last step that touch it.
func (p *plan) valueLives(end int, keep []*Var) {
	touch := func(v *Var, step int) {
		r := v.root()
		if r.external != nil {
			return
		}
		b := p.values[r]
		if b == nil {
			b = p.newBuffer(r.bytes(), step)
			p.values[r] = b
		}
		b.last = max(b.last, step)
	}
	for i, op := range p.tape.ops {
		for _, list := range [][]*Var{op.In, op.Out, op.Saved} {
			for _, v := range list {
				touch(v, i)
			}
		}
	}
	for i, s := range p.back {
		for _, v := range append(slices.Clone(s.op.Reads), s.op.Saved...) {
			touch(v, len(p.tape.ops)+i)
		}
	}
	for i, op := range p.tape.ops {
		if op.Commit != nil {
			for _, v := range op.Saved {
				touch(v, max(end, i))
			}
		}
	}
	for _, v := range keep {
		touch(v, end)
	}
}

// shareValues lets the result of an in-place op take the memory of its input, if that op is the last to use it.
func (p *plan) shareValues() {
	for i, op := range p.tape.ops {
		if !op.InPlace {
			continue
		}
		in, out := p.values[op.In[0].root()], p.values[op.Out[0].root()]
		if in != nil && in != out && in.last == i && out.first == i && in.bytes == out.bytes {
			p.merge(in, out, p.values)
		}
	}
}

// merge makes b's users share a, which then lives until b's end.
func (p *plan) merge(a, b *buffer, owners map[*Var]*buffer) {
	a.last = max(a.last, b.last)
	for v, x := range owners {
		if x == b {
			owners[v] = a
		}
	}
	p.buffers = slices.DeleteFunc(p.buffers, func(x *buffer) bool { return x == b })
}

// gradLives gives each gradient memory from its first writer to the backward of the op that made the var.
func (p *plan) gradLives(loss *Var) {
	n := len(p.tape.ops)
	if loss != nil {
		p.grads[loss.root()] = p.newBuffer(loss.bytes(), n)
	}
	for i, s := range p.back {
		step := n + i
		for _, v := range s.op.Out {
			if b := p.grads[v.root()]; b != nil {
				b.last = max(b.last, step)
			}
		}
		for j, v := range s.dst {
			if v == nil {
				continue
			}
			p.gradDestination(s, j, v.root(), step)
		}
	}
}

func (p *plan) gradDestination(s *backStep, j int, root *Var, step int) {
	switch {
	case !s.first[j]:
		if !slices.Contains(s.op.Adds, j) {
			s.temp[j] = p.newBuffer(root.bytes(), step)
		}
		if b := p.grads[root]; b != nil {
			b.last = max(b.last, step)
		}
	case root.param != nil: // parameters own their gradients
	case j == 0 && s.op.GradInPlace && p.reusableGrad(s.op.Out[0], root, step):
		b := p.grads[s.op.Out[0].root()]
		b.last = step
		p.grads[root] = b
	default:
		p.grads[root] = p.newBuffer(root.bytes(), step)
	}
}

// reusableGrad: this step is the last to use the gradient of out, and its size fits.
func (p *plan) reusableGrad(out, in *Var, step int) bool {
	b := p.grads[out.root()]
	return b != nil && b.bytes == in.bytes() && b.last == step
}

func (p *plan) newBuffer(bytes, step int) *buffer {
	b := &buffer{bytes: bytes, first: step, last: step}
	p.buffers = append(p.buffers, b)
	return b
}

// pack gives buffers offsets: the largest first, each at the lowest place that is free during its life
// ("greedy by size", Pisarchyk and Lee, "Efficient memory management for deep neural net inference", 2020).
func (p *plan) pack() {
	order := slices.Clone(p.buffers)
	slices.SortStableFunc(order, func(a, b *buffer) int { return cmp.Compare(b.bytes, a.bytes) })
	var placed []*buffer // by offset
	for _, b := range order {
		at := 0
		for _, q := range placed {
			if q.last < b.first || b.last < q.first {
				continue
			}
			if q.offset >= at+b.bytes {
				break
			}
			at = max(at, align(q.offset+q.bytes))
		}
		b.offset = at
		i, _ := slices.BinarySearchFunc(placed, at, func(q *buffer, o int) int { return cmp.Compare(q.offset, o) })
		placed = slices.Insert(placed, i, b)
		p.bytes = max(p.bytes, at+b.bytes)
	}
}

// align rounds up to a cache line, which is also the alignment that vector loads on a GPU need.
func align(n int) int { return (n + 63) &^ 63 }

// place is the array of a var's root buffer under the var's own shape.
func (b *buffer) place(arena *kernels.Array, v *Var) *kernels.Array {
	return arena.Carve(v.dtype, b.offset, v.shape...)
}
