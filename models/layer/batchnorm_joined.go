package layer

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/norm"
	"udml-gpu/models/tape"
)

// NormPart is C channels of X [...,W], from At on, with a batch norm called Name.
type NormPart struct {
	Name  string
	X     *tape.Var
	At, C int
}

// BatchNormJoined is BatchNorm, in training, of parts, all with as many rows, computed as one. The results are a var each, or with concat
// one that has them side by side: then nothing is left for Concat to copy. n has no weights.
//
// An X may be in several parts, here and in other calls, if together they have each of its channels once and nothing else reads X: each
// writes its own columns of X's gradient. Scope.Beside for scales and shifts saves copies.
func BatchNormJoined(s *Scope, n Norm, concat bool, parts ...NormPart) []*tape.Var {
	t, j := s.Tape, &joinedNorm{n: n, parts: parts}
	if j.n.Eps == 0 {
		j.n.Eps = batchNormEps
	}
	for _, p := range parts {
		in := s.In(p.Name)
		j.gammas = append(j.gammas, t.Param(in.param("weight", true, constant(1), p.C)))
		j.betas = append(j.betas, t.Param(in.param("bias", true, constant(0), p.C)))
		j.means = append(j.means, in.param("running_mean", false, constant(0), p.C))
		j.vars = append(j.vars, in.param("running_var", false, constant(1), p.C))
		j.addInput(p.X)
		if j.c += p.C; !concat {
			j.ys = append(j.ys, t.NewOf(p.X.DType(), withChannels(p.X, p.C)...))
		}
	}
	if concat {
		j.ys = []*tape.Var{t.NewOf(parts[0].X.DType(), withChannels(parts[0].X, j.c)...)}
	}
	j.mean, j.inv = t.New(j.c), t.New(j.c)
	t.Apply(j.op(s.prefix, runningOf(t)))
	return j.ys
}

func withChannels(x *tape.Var, c int) []int {
	shape := append([]int(nil), x.Shape()...)
	shape[len(shape)-1] = c
	return shape
}

type joinedNorm struct {
	n             Norm
	parts         []NormPart
	c             int         // of all parts
	xs            []*tape.Var // different ones
	of            []int       // which of them is a part's
	ys            []*tape.Var
	gammas, betas []*tape.Var
	means, vars   []*tape.Param
	mean, inv     *tape.Var
}

func (j *joinedNorm) addInput(x *tape.Var) {
	for i, v := range j.xs {
		if v == x {
			j.of = append(j.of, i)
			return
		}
	}
	j.of = append(j.of, len(j.xs))
	j.xs = append(j.xs, x)
}

func (j *joinedNorm) op(name string, running *runningNorms) tape.Op {
	op := tape.Op{
		Name: "batch norms", Of: name, In: append(append(append([]*tape.Var(nil), j.xs...), j.gammas...), j.betas...), Out: j.ys,
		Saved: []*tape.Var{j.mean, j.inv}, Together: running, Forward: j.forward, Backward: j.backward,
	}
	op.Reads = op.In
	for i := range j.xs {
		op.Adds = append(op.Adds, i) // what other parts have written stays
	}
	at := 0
	for i, p := range j.parts {
		first := at
		running.add(func() norm.Running {
			s := norm.Stats{Mean: j.mean.Value().View(first, p.C), InvStd: j.inv.Value().View(first, p.C)}
			x := p.X.Value()
			rows := x.Len() / x.Dim(len(x.Shape())-1)
			return norm.Running{Mean: j.means[i].Value, Var: j.vars[i].Value, Stats: s, Rows: rows, Eps: j.n.Eps}
		})
		at += p.C
	}
	return op
}

// columns are those of each part in its own array, or side by side in the only one.
func (j *joinedNorm) columns(of func(i int) *kernels.Array, whole bool) []norm.Columns {
	var list []norm.Columns
	at := 0
	for i, p := range j.parts {
		switch {
		case whole:
			list = append(list, norm.Columns{Array: of(i), At: p.At, C: p.C})
		case len(j.ys) == 1:
			list = append(list, norm.Columns{Array: of(0), At: at, C: p.C})
		default:
			list = append(list, norm.Columns{Array: of(i), C: p.C})
		}
		at += p.C
	}
	return list
}

func (j *joinedNorm) stats() norm.Stats {
	return norm.Stats{Mean: j.mean.Value(), InvStd: j.inv.Value()}
}

func (j *joinedNorm) x(i int) *kernels.Array { return j.parts[i].X.Value() }

// scaled calls f with the scales of all parts as one array, and the shifts.
func (j *joinedNorm) scaled(f func(gamma, beta *kernels.Array)) {
	asOne(valuesOf(j.gammas), true, false, func(gamma *kernels.Array) {
		asOne(valuesOf(j.betas), true, false, func(beta *kernels.Array) { f(gamma, beta) })
	})
}

func (j *joinedNorm) forward() {
	y := func(i int) *kernels.Array { return j.ys[i].Value() }
	j.scaled(func(gamma, beta *kernels.Array) {
		norm.BatchNormJoined(j.columns(y, false), j.columns(j.x, true), gamma, beta, j.stats(), j.n.Eps, j.n.ReLU)
	})
}

func (j *joinedNorm) backward(b *tape.Back) {
	n, first := len(j.parts), len(j.xs)
	dy := func(i int) *kernels.Array { return j.ys[i].Grad() }
	dx := func(i int) *kernels.Array { return b.Grad(j.of[i]) }
	j.scaled(func(gamma, beta *kernels.Array) {
		if !j.n.ReLU {
			beta = nil
		}
		asOne(gradsOf(b, first, n), false, true, func(dgamma *kernels.Array) {
			asOne(gradsOf(b, first+n, n), false, true, func(dbeta *kernels.Array) {
				norm.BatchNormJoinedBackward(j.columns(dx, true), dgamma, dbeta, j.columns(dy, false), j.columns(j.x, true), gamma, beta,
					j.stats())
			})
		})
	})
}
