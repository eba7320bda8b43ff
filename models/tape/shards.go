package tape

import "slices"

// meeting is an op that the shards of a batch compute together: see Meet. It stands in the list of each of them until Shards has all.
type meeting struct {
	in, out  []*Var
	together func(in, out [][]*Var) Op
}

// Shards records n sequences of ops, one for each shard of a batch: record(i) records that of shard i. They have nothing in common but
// what Meet records, and must meet equally often. Each shard has gradients of its own of the parameters that it uses (Param.Parts).
func (t *Tape) Shards(n int, record func(i int)) {
	if t.shard != 0 {
		panic("tape: Shards within Shards")
	}
	before, lists := t.ops, make([][]*Op, n)
	for i := range n {
		t.ops, t.shard = nil, i+1
		record(i)
		lists[i] = t.ops
	}
	t.ops, t.shard = before, 0
	t.merge(lists)
}

// Meet records, within Shards, an op that needs the values of all shards: in and out are the inputs and outputs of this one, whose
// gradients it passes on. together, of the first shard, makes the op of all, given the vars
// of each; its In and Out are theirs, shard by shard.
func (t *Tape) Meet(in, out []*Var, together func(in, out [][]*Var) Op) {
	if t.shard == 0 || t.span != 0 {
		panic("tape: Meet outside of Shards, or within Again")
	}
	needs := slices.ContainsFunc(in, func(v *Var) bool { return v.needs })
	for _, v := range out {
		v.needs = needs
	}
	t.ops = append(t.ops, &Op{meet: &meeting{in, out, together}})
}

// merge puts the shards' ops in one list: up to the first meeting those of one shard after another, then the meeting, and so on.
func (t *Tape) merge(lists [][]*Op) {
	for {
		var in, out [][]*Var
		var together func(in, out [][]*Var) Op
		for i, list := range lists {
			at := slices.IndexFunc(list, func(op *Op) bool { return op.meet != nil })
			if at < 0 {
				t.ops, lists[i] = append(t.ops, list...), nil
				continue
			}
			t.ops, lists[i] = append(t.ops, list[:at]...), list[at+1:]
			m := list[at].meet
			if in, out = append(in, m.in), append(out, m.out); together == nil {
				together = m.together
			}
		}
		switch len(in) {
		case 0:
			return
		case len(lists):
			op := together(in, out)
			op.In, op.Out = slices.Concat(in...), slices.Concat(out...)
			t.Apply(op)
		default:
			panic("tape: some shards meet and others do not")
		}
	}
}
