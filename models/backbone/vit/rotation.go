package vit

import (
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// base is that of DINOv3's periods: the angle of pair i turns with a period of base^(4i/d) along each axis, for heads of d channels.
const base = 100

// rotation records the angles of h x w patches, which all blocks share, and returns the rotation of queries and keys by them.
func (m Model) rotation(s *layer.Scope, h, w int) func(qkv *tape.Var) *tape.Var {
	if !m.Block.Rotary {
		return nil
	}
	cos, sin := layer.RoPETables(s, m.Dim/m.Block.Heads, h, w, base)
	return func(qkv *tape.Var) *tape.Var { return layer.RoPE(s, qkv, cos, sin, m.Block.Heads, m.prefix()) }
}
