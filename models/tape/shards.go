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
	before, lists, first := t.ops, make([][]*Op, n), make([]int, n)
	for i := range n {
		t.ops, t.shard, first[i] = nil, i+1, len(t.spans)
		record(i)
		lists[i] = t.ops
	}
	t.ops, t.shard = before, 0
	if !meetInBlocks(lists) {
		t.merge(lists)
		return
	}
	for _, block := range t.joinBlocks(lists, first) {
		t.span = block[0][0].span
		t.merge(block)
	}
	t.span = 0
}

// meetInBlocks says whether shards meet within Blocks.
func meetInBlocks(lists [][]*Op) bool {
	return slices.ContainsFunc(slices.Concat(lists...), func(op *Op) bool { return op.meet != nil && op.span != 0 })
}

// joinBlocks makes one span of those of the same block of all shards, since a block that meets those of other shards can only come again
// with them: the ops of each block, and of what comes between, by shard. first is the first span of each shard.
func (t *Tape) joinBlocks(lists [][]*Op, first []int) [][][]*Op {
	var joined [][][]*Op
	for i, list := range lists {
		for _, op := range list {
			if op.span != 0 {
				op.span -= first[i] - first[0]
			}
		}
		runs := runsOfSpans(list)
		if i == 0 {
			joined = make([][][]*Op, len(runs))
		}
		if len(runs) != len(joined) {
			panic("tape: shards that meet have different blocks")
		}
		for j, run := range runs {
			joined[j] = append(joined[j], run)
		}
	}
	return joined
}

// runsOfSpans cuts a list where one span ends and another begins.
func runsOfSpans(list []*Op) (runs [][]*Op) {
	for i, op := range list {
		if i == 0 || op.span != list[i-1].span {
			runs = append(runs, nil)
		}
		runs[len(runs)-1] = append(runs[len(runs)-1], op)
	}
	return runs
}

// Meet records, within Shards, an op that needs the values of all shards: in and out are the inputs and outputs of this one, whose
// gradients it passes on. together, of the first shard, makes the op of all, given the vars
// of each; its In and Out are theirs, shard by shard.
func (t *Tape) Meet(in, out []*Var, together func(in, out [][]*Var) Op) {
	if inBlocks := t.blocks != nil && t.spans[t.span] == 0; t.shard == 0 || t.span != 0 && !inBlocks {
		panic("tape: Meet outside of Shards, or within Again")
	}
	needs := slices.ContainsFunc(in, func(v *Var) bool { return v.needs })
	for _, v := range out {
		v.needs = needs
	}
	t.ops = append(t.ops, &Op{meet: &meeting{in, out, together}, span: t.span})
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
