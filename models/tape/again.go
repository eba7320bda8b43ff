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
	t.span = t.newSpan(0)
	f()
	t.span = 0
}

// newSpan is the number of another span, which lies in that one.
func (t *Tape) newSpan(in int) int {
	t.spans = append(t.spans, in)
	return len(t.spans) - 1
}

// path are the spans that an op of span lies in, the outermost first.
func (t *Tape) path(span int) (list []int) {
	for ; span != 0; span = t.spans[span] {
		list = append(list, span)
	}
	slices.Reverse(list)
	return list
}

// within says of each span whether it is that one or lies in it.
func (t *Tape) within(span int) []bool {
	list := make([]bool, len(t.spans))
	for i := span; i < len(list); i++ { // a span has a higher number than the one that it lies in
		list[i] = i == span || list[t.spans[i]]
	}
	return list
}

// step is one thing that a program does.
type step struct {
	op    *Op
	back  *backStep // nil: the op's forward
	again bool      // it has run before (Tape.Again)
}

// schedule puts all ops and the backward pass in order. The ops of a span come again before the first backward of the span, and those
// of a span within it once more before the first of that one.
func (p *plan) schedule() {
	for _, op := range p.tape.ops {
		p.steps = append(p.steps, step{op: op})
	}
	var open []int // whose backward pass is scheduled: it is in one piece, as each span is
	for _, s := range p.back {
		path := p.tape.path(s.op.span)
		for i, span := range path {
			if i < len(open) && open[i] == span {
				continue
			}
			for _, op := range p.again(span) {
				p.steps = append(p.steps, step{op: op, again: true})
			}
		}
		open = path
		p.steps = append(p.steps, step{op: s.op, back: s})
	}
}

// again are the ops of a span whose results its backward pass reads, directly or through other ops of the span, in order.
func (p *plan) again(span int) []*Op {
	wanted := map[*Var]bool{}
	want := func(lists ...[]*Var) {
		for _, list := range lists {
			for _, v := range list {
				wanted[v.root()] = true
			}
		}
	}
	within := p.tape.within(span)
	for _, s := range p.back {
		if within[s.op.span] {
			want(s.op.Reads, s.op.Saved)
		}
	}
	made := func(v *Var) bool { return wanted[v.root()] }
	var list []*Op
	for _, op := range slices.Backward(p.tape.ops) {
		if within[op.span] && (slices.ContainsFunc(op.Out, made) || slices.ContainsFunc(op.Saved, made)) {
			want(op.In)
			list = append(list, op)
		}
	}
	slices.Reverse(list)
	return list
}
