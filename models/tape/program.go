package tape

import (
	"slices"

	"udml-gpu/kernels"
	"udml-gpu/kernels/join"
)

// Program is a compiled step. Run computes the values, and the gradients of the parameters when it has a loss.
type Program struct {
	plan     *plan
	loss     *Var
	arena    *Arena
	version  int        // of the arena that the arrays point into
	backs    []backward // of the plan's backward steps
	commits  []func(skip *kernels.Array)
	lossGrad *kernels.Array
	poison   *poison
	after    map[int][]func() // by the number of a backward step
}

// backward is one bound backward step.
type backward struct {
	op   *Op
	to   Back
	sums []sum
}

// sum adds a gradient to that of earlier ops, for an op that can only overwrite.
type sum struct{ dst, temp *kernels.Array }

// Compile plans the recorded step. With a loss (shape [1]) the program computes gradients too. The values of
// keep are readable after a run; all others may be overwritten during it.
func (t *Tape) Compile(arena *Arena, loss *Var, keep ...*Var) *Program {
	p := &Program{plan: newPlan(t, loss, keep), loss: loss, arena: arena}
	p.commits = t.commits()
	arena.reserve(p.plan.bytes)
	p.bind()
	return p
}

// commits are the side effects of all ops, in the order in which they were recorded; those that are applied together come with their first.
func (t *Tape) commits() (list []func(skip *kernels.Array)) {
	seen := map[Together]bool{}
	for _, op := range t.ops {
		switch {
		case op.Commit != nil:
			list = append(list, op.Commit)
		case op.Together != nil && !seen[op.Together]:
			seen[op.Together] = true
			list = append(list, op.Together.Commit)
		}
	}
	return list
}

// Memory is the size of the arena that the program of Compile would need. It allocates none, also where the arrays of inputs and
// parameters have none (kernels.Device.Outline).
func (t *Tape) Memory(loss *Var, keep ...*Var) int { return newPlan(t, loss, keep).bytes }

// Bytes is the size of the arena that the program needs; parameters and inputs are not in it.
func (p *Program) Bytes() int { return p.plan.bytes }

// Forward computes all values.
func (p *Program) Forward() {
	p.rebind()
	p.poison.forward()
	for i, op := range p.plan.tape.ops {
		op.Forward()
		p.poison.after(i)
	}
}

// Run computes all values and, when the program has a loss, all gradients of parameters.
func (p *Program) Run() {
	p.Forward()
	if p.loss == nil {
		return
	}
	p.poison.backward()
	join.Fill(p.lossGrad, 1)
	n := len(p.plan.tape.ops)
	next := 0
	for i, s := range p.plan.steps[n:] {
		if s.back == nil {
			s.op.Forward()
		} else {
			p.backs[next].run()
			for _, f := range p.after[next] {
				f()
			}
			next++
		}
		p.poison.after(n + i)
	}
}

// AfterGradients has each Run call f in its backward pass, once the gradients of these parameters are complete, those of all shards
// among them, and no later than the pass ends. What earlier calls were given comes first.
func (p *Program) AfterGradients(params []*Param, f func()) {
	at := 0
	for i, s := range p.plan.back {
		if slices.ContainsFunc(s.dst, func(v *Var) bool { return v != nil && slices.Contains(params, v.root().param) }) {
			at = i
		}
	}
	for i := range p.after {
		at = max(at, i)
	}
	if p.after == nil {
		p.after = map[int][]func(){}
	}
	p.after[at] = append(p.after[at], f)
}

// run writes the gradients of the op's inputs.
func (b *backward) run() {
	b.op.Backward(&b.to)
	for _, s := range b.sums {
		join.AddTo(s.dst, s.temp)
	}
}

// Commit applies the side effects of the step (running statistics), unless skip[0] is not zero.
func (p *Program) Commit(skip *kernels.Array) {
	for _, f := range p.commits {
		f(skip)
	}
}

// rebind follows the arena when another program made it grow, and claims the vars' values.
func (p *Program) rebind() {
	if p.version != p.arena.version {
		p.bind()
	}
}

// bind points every var and gradient at its place in the arena.
func (p *Program) bind() {
	p.version = p.arena.version
	mem := p.arena.mem
	for _, v := range p.plan.tape.vars {
		p.bindVar(v, mem)
	}
	if p.loss != nil {
		p.lossGrad = p.plan.grads[p.loss.root()].place(mem, p.loss)
	}
	p.backs = p.backs[:0]
	for _, s := range p.plan.back {
		p.backs = append(p.backs, p.bindBack(s, mem))
	}
	if p.arena.poison {
		p.poison = newPoison(p.plan, mem)
	}
}

func (p *Program) bindVar(v *Var, mem *kernels.Array) {
	root := v.root()
	switch b := p.plan.values[root]; {
	case root.external != nil:
		v.value = root.external.Reshape(v.shape...)
	case b != nil:
		v.value = b.place(mem, v)
	}
	if b := p.plan.grads[root]; b != nil && v.needs {
		v.grad = b.place(mem, v)
	}
}

func (p *Program) bindBack(s *backStep, mem *kernels.Array) backward {
	n := len(s.dst)
	b := backward{op: s.op, to: Back{dst: make([]*kernels.Array, n), add: make([]bool, n)}}
	for j, v := range s.dst {
		if v == nil {
			continue
		}
		dst := p.gradArray(v, mem)
		switch {
		case s.temp[j] != nil:
			temp := s.temp[j].place(mem, v)
			b.sums = append(b.sums, sum{dst, temp})
			b.to.dst[j] = temp
		default:
			b.to.dst[j], b.to.add[j] = dst, !s.first[j]
		}
	}
	return b
}

func (p *Program) gradArray(v *Var, mem *kernels.Array) *kernels.Array {
	if root := v.root(); root.param != nil {
		return root.gradient().Reshape(v.shape...)
	}
	return p.plan.grads[v.root()].place(mem, v)
}
