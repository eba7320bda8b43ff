package layer

import (
	"udml-gpu/kernels/rope"
	"udml-gpu/models/tape"
)

// RoPETables are the cosines and sines of DINOv3's rotary positions, [H W, d/2] each, for a grid of h x w patches and heads of d columns;
// base is 100 in the published networks. One pair serves all blocks of a network. They are constants of the step, computed in it.
func RoPETables(s *Scope, d, h, w int, base float64) (cos, sin *tape.Var) {
	cos, sin = s.Tape.New(h*w, d/2), s.Tape.New(h*w, d/2)
	s.Tape.Apply(tape.Op{
		Name: "rotary tables", Out: []*tape.Var{cos, sin},
		Forward: func() { rope.Table(cos.Value(), sin.Value(), h, w, base) },
	})
	return cos, sin
}

// RoPESpec is the Spec of a rotation: the heads, and the tokens in front that are not rotated.
type RoPESpec struct{ Heads, Prefix int }

// RoPE rotates the queries and keys of qkv [N,T,3D], those of the first prefix tokens aside, by tables [T-prefix, D/heads/2] of RoPETables,
// as DINOv3 does before attention. It has no parameters, and takes the memory of qkv where it can.
func RoPE(s *Scope, qkv, cos, sin *tape.Var, heads, prefix int) *tape.Var {
	y := s.Tape.NewOf(qkv.DType(), qkv.Shape()...)
	s.Tape.Apply(tape.Op{
		Name: "rotary positions", Spec: RoPESpec{heads, prefix}, In: []*tape.Var{qkv, cos, sin}, Out: []*tape.Var{y},
		Reads: []*tape.Var{cos, sin}, InPlace: true, GradInPlace: true,
		Forward:  func() { rope.Forward(y.Value(), qkv.Value(), cos.Value(), sin.Value(), heads, prefix) },
		Backward: func(b *tape.Back) { rope.Backward(b.Grad(0), y.Grad(), cos.Value(), sin.Value(), heads, prefix) },
	})
	return y
}
