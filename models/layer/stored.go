package layer

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
	"udml-gpu/models/tape"
)

// Stored is x as bfloat16 on a device of precision bf16: the layers of backbones then make maps, or tokens, of bfloat16 of it, and
// gradients of that type, which are half of the memory and of its traffic. Parameters, statistics and pooled features stay float32. No
// gradient goes through it: x are images.
func Stored(s *Scope, x *tape.Var) *tape.Var {
	t := s.Tape
	if s.wide || t.Device().Precision() != kernels.BF16 || x.DType() != kernels.Float32 {
		return x
	}
	y := t.NewOf(kernels.BFloat16, x.Shape()...)
	t.Apply(tape.Op{
		Name: "store", In: []*tape.Var{x}, Out: []*tape.Var{y},
		Forward: func() { bfloat.Pack(y.Value(), x.Value()) },
	})
	return y
}

// Wide is s with maps in float32 on any device, for a tape that is translated and not run.
func (s *Scope) Wide() *Scope {
	c := *s
	c.wide = true
	return &c
}

// Widened is a map in float32, for layers that take no other.
func Widened(s *Scope, x *tape.Var) *tape.Var {
	if x.DType() != kernels.BFloat16 {
		return x
	}
	y := s.Tape.New(x.Shape()...)
	s.Tape.Apply(tape.Op{
		Name: "widen", In: []*tape.Var{x}, Out: []*tape.Var{y},
		Forward: func() { bfloat.Unpack(y.Value(), x.Value()) },
		Backward: func(b *tape.Back) {
			if dx := b.Grad(0); dx != nil {
				bfloat.Pack(dx, y.Grad())
			}
		},
	})
	return y
}

// storedFilters are the filters of a step's convolutions of bfloat16 maps: rounded all at once, in the first of these convolutions' place.
type storedFilters struct {
	op   *tape.Op
	made map[*tape.Param]*tape.Var // by the first of the parameters that they are made of
}

// filtersOf are weights, one behind another along the first axis, of the type of x: the first of weights where that is theirs.
func filtersOf(s *Scope, x *tape.Var, weights ...*tape.Var) *tape.Var {
	if x.DType() != kernels.BFloat16 {
		return weights[0]
	}
	f := tape.Once(s.Tape, "stored filters", func() *storedFilters { return newStoredFilters(s.Tape) })
	first := weights[0].Param()
	if v := f.made[first]; v != nil {
		return v
	}
	total := 0
	for _, w := range weights {
		total += w.Dim(0)
	}
	v := s.Tape.NewOf(kernels.BFloat16, withRows(weights[0], total)...)
	f.made[first], f.op.Out = v, append(f.op.Out, v)
	f.op.In = append(f.op.In, weights...)
	return v
}

func newStoredFilters(t *tape.Tape) *storedFilters {
	f := &storedFilters{made: map[*tape.Param]*tape.Var{}}
	f.op = t.Apply(tape.Op{Name: "store filters", Forward: f.round})
	return f
}

func (f *storedFilters) round() {
	var from, to []*kernels.Array
	out, at := 0, 0
	for _, w := range f.op.In {
		v := f.op.Out[out].Value()
		from, to = append(from, w.Value()), append(to, v.Rows(at, at+w.Dim(0)))
		if at += w.Dim(0); at == v.Dim(0) {
			out, at = out+1, 0
		}
	}
	bfloat.PackAll(to, from)
}
