// Package vit holds the layers that vision transformers have in common (Dosovitskiy et al., "An image is worth 16x16 words", 2020):
// patches and positions, blocks, and the two heads. Parameters have timm's names.
package vit

import (
	"fmt"

	"udml-gpu/kernels/resize"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// Model is a transformer up to its last norm.
type Model struct {
	Dim, Depth, Patch int
	Class             bool               // a class token in front of the patches
	Registers         int                // tokens between it and the patches that have no position
	NoPatchBias       bool               // the patch embedding has none
	Grid              int                // side of the grid of learned positions; 0: none
	Resize            resize.BicubicKind // how they become those of another grid
	NormFirst         bool               // a norm before the first block
	Eps               float64            // of all norms
	Block             Block
}

// std is the deviation of new weights, tokens and positions, as timm and Meta begin with.
const std = 0.02

// Result is what Forward records.
type Result struct {
	States []*tape.Var // the tokens before the first block and after each [N,P+hw,D]
	Tokens *tape.Var   // the last of them, normed
	Map    *tape.Var   // those of the patches [N,h,w,D]
	Class  *tape.Var   // the class token [N,D]; nil without one
}

// Forward records the transformer on x [N,h Patch,w Patch,C]; rows and columns that do not fill a patch are left out.
func (m Model) Forward(s *layer.Scope, x *tape.Var) Result {
	h, w := x.Dim(1)/m.Patch, x.Dim(2)/m.Patch
	tokens := m.embed(s, x, h, w)
	r := Result{States: []*tape.Var{tokens}}
	rotate := m.rotation(s, h, w)
	for i := range m.Depth {
		tokens = m.Block.record(s.In(fmt.Sprintf("blocks.%d", i)), tokens, rotate, m.Eps, layer.Depth{Block: i, Of: m.Depth})
		r.States = append(r.States, tokens)
	}
	r.Tokens = layer.LayerNorm(s, "norm", tokens, m.Eps)
	r.Map = layer.TokenMap(s, r.Tokens, m.prefix(), h, w)
	if m.Class {
		r.Class = layer.Widened(s, layer.TokenRow(s, r.Tokens, 0))
	}
	return r
}

// prefix is the number of tokens in front of the patches.
func (m Model) prefix() int {
	if !m.Class {
		return m.Registers
	}
	return 1 + m.Registers
}

// embed records the tokens before the first block.
func (m Model) embed(s *layer.Scope, x *tape.Var, h, w int) *tape.Var {
	patches := layer.Conv2D(s, "patch_embed.proj", x, layer.Conv{Out: m.Dim, Kernel: m.Patch, Stride: m.Patch, NoBias: m.NoPatchBias})
	patches = s.Tape.Reshape(patches, x.Dim(0), h*w, m.Dim)
	prefix := m.prefixTokens(s)
	pos, class := m.positions(s, h, w)
	tokens := layer.Tokens(s, patches, prefix, pos, class)
	if m.NormFirst {
		tokens = layer.LayerNorm(s, "norm_pre", tokens, m.Eps)
	}
	return tokens
}

// prefixTokens are the class token and the registers, [P,D]; nil where there are none.
func (m Model) prefixTokens(s *layer.Scope) *tape.Var {
	var parts []*tape.Var
	if m.Class {
		parts = append(parts, s.Tape.Reshape(layer.Parameter(s, "cls_token", std, 1, 1, m.Dim), 1, m.Dim))
	}
	if m.Registers > 0 {
		parts = append(parts, s.Tape.Reshape(layer.Parameter(s, "reg_token", std, 1, m.Registers, m.Dim), 1, m.Registers*m.Dim))
	}
	switch len(parts) {
	case 0:
		return nil
	case 1:
		return s.Tape.Reshape(parts[0], m.prefix(), m.Dim)
	}
	return s.Tape.Reshape(layer.Concat(s, parts...), m.prefix(), m.Dim)
}

// positions are the learned positions of h x w patches [hw,D], and that of the class token [1,D]; nil where there are none.
func (m Model) positions(s *layer.Scope, h, w int) (grid, class *tape.Var) {
	if m.Grid == 0 {
		return nil, nil
	}
	n, front := m.Grid*m.Grid, 0
	if m.Class {
		front = 1
	}
	all := layer.Parameter(s, "pos_embed", std, 1, front+n, m.Dim)
	grid = all
	if m.Class {
		class = s.Tape.Reshape(layer.TokenRows(s, all, 0, 1), 1, m.Dim)
		grid = layer.TokenRows(s, all, 1, n)
	}
	grid = layer.Bicubic(s, s.Tape.Reshape(grid, m.Grid, m.Grid, m.Dim), h, w, m.Resize)
	return s.Tape.Reshape(grid, h*w, m.Dim), class
}
