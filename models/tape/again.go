package tape

import "slices"

// Again records the ops of f so that they run twice: forward, and once more right before their part of the backward pass, as far as that
// reads what they compute. Between the two, only those of their values take memory that other ops read. Both runs give the same bytes,
// as an op is a function of its inputs; the effects of Commit come once. Recomputation as in Chen et al., "Training deep nets with
// sublinear memory cost", 2016.
func (t *Tape) Again(f func()) {
	if t.span != 0 {
		panic("tape: Again within Again")
	}
	t.spans++
	t.span = t.spans
	f()
	t.span = 0
}

// step is one thing that a program does.
type step struct {
	op    *Op
	back  *backStep // nil: the op's forward
	again bool      // it has run before (Tape.Again)
}

// schedule puts all ops and the backward pass in order. The ops of a span come again before the first backward of the span.
func (p *plan) schedule() {
	for _, op := range p.tape.ops {
		p.steps = append(p.steps, step{op: op})
	}
	span := 0 // whose backward pass is scheduled: it is in one piece, as the span is
	for _, s := range p.back {
		if s.op.span != span {
			span = s.op.span
			for _, op := range p.again(span) {
				p.steps = append(p.steps, step{op: op, again: true})
			}
		}
		p.steps = append(p.steps, step{op: s.op, back: s})
	}
}

// again are the ops of a span whose results its backward pass reads, directly or through other ops of the span, in order.
func (p *plan) again(span int) []*Op {
	if span == 0 {
		return nil
	}
	wanted := map[*Var]bool{}
	want := func(lists ...[]*Var) {
		for _, v := range slices.Concat(lists...) {
			wanted[v.root()] = true
		}
	}
	for _, s := range p.back {
		if s.op.span == span {
			want(s.op.Reads, s.op.Saved)
		}
	}
	var list []*Op
	for _, op := range slices.Backward(p.tape.ops) {
		made := slices.ContainsFunc(slices.Concat(op.Out, op.Saved), func(v *Var) bool { return wanted[v.root()] })
		if op.span == span && made {
			want(op.In)
			list = append(list, op)
		}
	}
	slices.Reverse(list)
	return list
}
