package tape

import "slices"

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
	steps   []step           // all ops forward, in order of recording, then the backward pass
	values  map[*Var]*buffer // by root var
	grads   map[*Var]*buffer
	buffers []*buffer
	bytes   int
}

// newPlan schedules all ops and then, when loss is not nil, the backward pass.
func newPlan(t *Tape, loss *Var, keep []*Var) *plan {
	p := &plan{tape: t, values: map[*Var]*buffer{}, grads: map[*Var]*buffer{}}
	if loss != nil {
		p.scheduleBackward(loss)
	}
	p.schedule()
	p.valueLives(append(slices.Clone(keep), nonNil(loss)...))
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

// valueLives sets the lives of all values. A value that is computed again lives from the first time to its last use before the second,
// and from then to its last use.
func (p *plan) valueLives(keep []*Var) {
	for at, s := range p.steps {
		if s.back != nil {
			p.touch(at, s.op.Reads, s.op.Saved)
			continue
		}
		p.touch(at, s.op.In)
		if s.again {
			p.renew(at, s.op.Out, s.op.Saved)
		}
		p.touch(at, s.op.Out, s.op.Saved)
	}
	end := len(p.steps)
	for _, op := range p.tape.ops {
		if op.commits() {
			p.touch(end, op.Saved)
		}
	}
	p.touch(end, keep)
}

// touch lets the values live until a step.
func (p *plan) touch(at int, lists ...[]*Var) {
	for _, v := range slices.Concat(lists...) {
		r := v.root()
		switch b := p.values[r]; {
		case r.external != nil:
		case b == nil:
			p.values[r] = p.newBuffer(r.bytes(), at)
		default:
			b.touch(at)
		}
	}
}

// renew begins another life of each value that no earlier use keeps until then.
func (p *plan) renew(at int, lists ...[]*Var) {
	for _, v := range slices.Concat(lists...) {
		if b := p.values[v.root()]; b != nil && b.last() < at {
			b.lives = append(b.lives, life{at, at})
		}
	}
}

// shareValues lets the result of an in-place op take the memory of its input, if that op is the last to use it, each time it runs.
func (p *plan) shareValues() {
	for _, op := range p.tape.ops {
		if !op.InPlace {
			continue
		}
		in, out := p.values[op.In[0].root()], p.values[op.Out[0].root()]
		if in != nil && in != out && in.bytes == out.bytes && follows(in, out) {
			p.merge(in, out, p.values)
		}
	}
}

// follows says whether each life of out begins in the step that ends one of in: they meet nowhere else.
func follows(in, out *buffer) bool {
	for _, a := range in.lives {
		for _, b := range out.lives {
			if a.meets(b) && a.last != b.first {
				return false
			}
		}
	}
	return true
}

// merge makes b's users share a, which then has the lives of both.
func (p *plan) merge(a, b *buffer, owners map[*Var]*buffer) {
	a.join(b)
	for v, x := range owners {
		if x == b {
			owners[v] = a
		}
	}
	p.buffers = slices.DeleteFunc(p.buffers, func(x *buffer) bool { return x == b })
}

// gradLives gives each gradient memory from its first writer to the backward of the op that made the var.
func (p *plan) gradLives(loss *Var) {
	if loss != nil {
		p.grads[loss.root()] = p.newBuffer(loss.bytes(), len(p.tape.ops))
	}
	for at, s := range p.steps {
		if s.back == nil {
			continue
		}
		for _, v := range s.op.Out {
			if b := p.grads[v.root()]; b != nil {
				b.touch(at)
			}
		}
		for j, v := range s.back.dst {
			if v == nil {
				continue
			}
			p.gradDestination(s.back, j, v.root(), at)
		}
	}
}

func (p *plan) gradDestination(s *backStep, j int, root *Var, at int) {
	switch {
	case !s.first[j]:
		if !slices.Contains(s.op.Adds, j) {
			s.temp[j] = p.newBuffer(root.bytes(), at)
		}
		if b := p.grads[root]; b != nil {
			b.touch(at)
		}
	case root.param != nil: // parameters own their gradients
	case j == 0 && s.op.GradInPlace && p.reusableGrad(s.op.Out[0], root, at):
		p.grads[root] = p.grads[s.op.Out[0].root()]
	default:
		p.grads[root] = p.newBuffer(root.bytes(), at)
	}
}

// reusableGrad: this step is the last to use the gradient of out, and its size fits.
func (p *plan) reusableGrad(out, in *Var, at int) bool {
	b := p.grads[out.root()]
	return b != nil && b.bytes == in.bytes() && b.last() == at
}
