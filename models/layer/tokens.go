package layer

import (
	"udml-gpu/kernels/tokens"
	"udml-gpu/models/tape"
)

// TokensSpec is the Spec of Tokens: which of its inputs behind the first is which. Nil: it is not there.
type TokensSpec struct{ Prefix, Pos, PrefixPos *tape.Var }

// Tokens are the rows of a vision transformer, [N,P+T,D]: the P rows of prefix [P,D] (class and register tokens), then the patch rows
// x [N,T,D] plus pos [T,D]. prefixPos [1,D] is added to the first prefix row. All but x may be nil; their parameters are the caller's.
func Tokens(s *Scope, x, prefix, pos, prefixPos *tape.Var) *tape.Var {
	in, p, at, t := []*tape.Var{x}, 0, [3]int{}, s.Tape
	for i, v := range []*tape.Var{prefix, pos, prefixPos} {
		if v != nil {
			at[i] = len(in)
			in = append(in, v)
		}
	}
	if prefix != nil {
		p = prefix.Dim(0)
	}
	y := t.NewOf(x.DType(), x.Dim(0), p+x.Dim(1), x.Dim(2))
	t.Apply(tape.Op{
		Name: "tokens", Spec: TokensSpec{prefix, pos, prefixPos}, In: in, Out: []*tape.Var{y},
		Forward: func() { tokens.Assemble(y.Value(), x.Value(), valueOf(prefix), valueOf(pos), valueOf(prefixPos)) },
		Backward: func(b *tape.Back) {
			if dx := b.Grad(0); dx != nil {
				tokens.Take(dx, y.Grad(), p)
			}
			tokens.SumImages(gradOf(b, prefix, at[0]), y.Grad(), 0)
			tokens.SumImages(gradOf(b, pos, at[1]), y.Grad(), p)
			tokens.SumImages(gradOf(b, prefixPos, at[2]), y.Grad(), 0)
		},
	})
	return y
}

// TokenRows are count rows of each image of x [N,R,D], from the given row on: [N,count,D].
func TokenRows(s *Scope, x *tape.Var, from, count int) *tape.Var {
	y := s.Tape.NewOf(x.DType(), x.Dim(0), count, x.Dim(2))
	s.Tape.Apply(tape.Op{
		Name: "token rows", Spec: from, In: []*tape.Var{x}, Out: []*tape.Var{y}, Adds: []int{0},
		Forward:  func() { tokens.Take(y.Value(), x.Value(), from) },
		Backward: func(b *tape.Back) { tokens.TakeBackward(b.Grad(0), y.Grad(), from, b.Add(0)) },
	})
	return y
}

// TokenRow is row i of each image of x [N,R,D]: [N,D].
func TokenRow(s *Scope, x *tape.Var, i int) *tape.Var {
	return s.Tape.Reshape(TokenRows(s, x, i, 1), x.Dim(0), x.Dim(2))
}

// TokenMap is the patch rows behind prefix rows of x [N,prefix+h*w,D] as a map [N,h,w,D].
func TokenMap(s *Scope, x *tape.Var, prefix, h, w int) *tape.Var {
	return s.Tape.Reshape(TokenRows(s, x, prefix, h*w), x.Dim(0), h, w, x.Dim(2))
}
