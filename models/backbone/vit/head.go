package vit

import (
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// Project is CLIP's head: the class token [N,D] by a matrix, head.weight [out,D].
func Project(s *layer.Scope, class *tape.Var, out int) *tape.Var {
	return layer.Dense(s, "head", class, layer.DenseSpec{Out: out, NoBias: true, Std: std})
}

// AttentionPool is SigLIP's head on tokens [N,T,D]: the attention of one learned query, attn_pool.latent [1,1,D], to all tokens, and an MLP
// beside it; [N,D].
func (m Model) AttentionPool(s *layer.Scope, tokens *tape.Var) *tape.Var {
	s, tokens = s.In("attn_pool"), layer.Widened(s, tokens)
	n, d := tokens.Dim(0), tokens.Dim(2)
	latent := s.Tape.Reshape(layer.Parameter(s, "latent", std, 1, 1, d), 1, d)
	q := layer.Repeat(s, layer.Dense(s, "q", latent, layer.DenseSpec{Out: d, Std: std}), n)
	kv := layer.Dense(s, "kv", tokens, layer.DenseSpec{Out: 2 * d, Std: std})
	x := s.Tape.Reshape(layer.CrossAttention(s, q, kv, m.Block.Heads), n, d)
	x = layer.Dense(s, "proj", x, layer.DenseSpec{Out: d, Std: std})
	return layer.Add(s, x, m.Block.mlp(s.In("mlp"), layer.LayerNorm(s, "norm", x, m.Eps)))
}
