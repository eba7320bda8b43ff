package layer

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/conv"
	"udml-gpu/models/tape"
)

// Fuses says whether layers beside each other are to be recorded as one: while training on a GPU, where each launch takes time of its own,
// with batch norms that see the whole batch. The results are those of the layers apart, up to the rounding of sums.
func (s *Scope) Fuses() bool {
	cut := s.lane != nil && s.lane.cut.Group.Shards() > 1
	return s.Tape.Training() && s.Tape.Device().CUDA() && !cut && !s.Store.frozenNorms
}

// Aside is s on a tape of its own, which is thrown away: for the parameters that layers make, in their order, and nothing else.
func (s *Scope) Aside() *Scope {
	c := *s
	c.Tape = tape.New(s.Tape.Device(), s.Tape.DType(), s.Tape.Training())
	return &c
}

// Trains says whether the parameter of that name has a gradient.
func (s *Scope) Trains(name string) bool {
	p := s.Store.byName[s.path(name)]
	return p != nil && p.Grad != nil
}

// Siblings are Conv2D with kernels of 1x1, without biases, of the same x [N,H,W,C], with widths[i] filters called names[i], side by side:
// [N,H,W,sum of widths]. It is one convolution, also backwards, which is fastest where Scope.Beside was called for their weights.
func Siblings(s *Scope, x *tape.Var, names []string, widths []int) *tape.Var {
	t, n, total := s.Tape, x.Dim(3), 0
	var weights []*tape.Var
	for i, name := range names {
		in := s.In(name)
		weights = append(weights, t.Param(in.param("weight", true, in.uniform("weight", fanBound(n)), widths[i], 1, 1, n)))
		total += widths[i]
	}
	inputs := append([]*tape.Var{x}, weights...)
	y, spec := t.NewOf(x.DType(), x.Dim(0), x.Dim(1), x.Dim(2), total), conv.Spec{Stride: 1, Apart: !t.Training()}
	asFilters := func(list []*kernels.Array, read bool, f func(w *kernels.Array)) {
		asOne(list, read, !read, func(all *kernels.Array) {
			if all != nil {
				all = all.Reshape(total, 1, 1, n)
			}
			f(all)
		})
	}
	filters := func(f func(w *kernels.Array)) { asFilters(valuesOf(weights), true, f) }
	if x.DType() == kernels.BFloat16 {
		stored := filtersOf(s, x, weights...)
		inputs = append(inputs, stored)
		filters = func(f func(w *kernels.Array)) { f(stored.Value()) }
	}
	t.Apply(tape.Op{
		Name: "sibling convs", Of: s.prefix, In: inputs, Out: []*tape.Var{y}, Reads: inputs, Adds: []int{0},
		Forward: func() {
			filters(func(w *kernels.Array) { conv.Forward(y.Value(), x.Value(), w, nil, spec) })
		},
		Backward: func(b *tape.Back) {
			asFilters(gradsOf(b, 1, len(weights)), false, func(dw *kernels.Array) {
				conv.BackwardWeights(dw, nil, x.Value(), y.Grad(), nil, spec)
			})
			filters(func(w *kernels.Array) { conv.BackwardData(b.Grad(0), y.Grad(), w, spec, b.Add(0)) })
		},
	})
	return y
}
