package vit

import (
	"udml-gpu/kernels/act"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// Block is a block of a transformer: attention and an MLP, each behind a norm and beside the tokens as they came.
type Block struct {
	Heads  int
	MLP    int // width inside the MLP
	GELU   act.GELUKind
	SwiGLU bool // the MLP is fc2(silu(fc1_g x) * fc1_x x), without a GELU
	// Scale1 and Scale2 are the names of the layer scales behind attention and MLP (Touvron et al., "Going deeper with image
	// transformers", 2021). Empty: there are none.
	Scale1, Scale2 string
	// Rotary is whether queries and keys are rotated by their patches' places. Keys then have no bias.
	Rotary bool
}

// firstScale is what layer scales begin with.
const firstScale = 1e-5

// record records the block on x [N,T,D]. Its branches are dropped in training each for itself, as timm does it.
func (b Block) record(s *layer.Scope, x *tape.Var, rotate func(qkv *tape.Var) *tape.Var, eps float64, at layer.Depth) *tape.Var {
	y := b.attention(s.In("attn"), layer.LayerNorm(s, "norm1", x, eps), rotate)
	x = b.add(s, x, layer.Branch(s, y, 2*at.Block, at), b.Scale1)
	y = b.mlp(s.In("mlp"), layer.LayerNorm(s, "norm2", x, eps))
	return b.add(s, x, layer.Branch(s, y, 2*at.Block+1, at), b.Scale2)
}

// add is x + y, y scaled by the parameter of that name.
func (b Block) add(s *layer.Scope, x, y *tape.Var, scale string) *tape.Var {
	if scale == "" {
		return layer.Add(s, x, y)
	}
	return layer.ScaleAdd(s, scale, x, y, firstScale)
}

// attention is the self-attention of x [N,T,D].
func (b Block) attention(s *layer.Scope, x *tape.Var, rotate func(qkv *tape.Var) *tape.Var) *tape.Var {
	d := x.Dim(2)
	spec := layer.DenseSpec{Out: 3 * d, Std: std}
	if b.Rotary {
		spec.Bias = layer.QKVBias(s, layer.Parameter(s, "q_bias", 0, d), layer.Parameter(s, "v_bias", 0, d))
	}
	qkv := layer.Dense(s, "qkv", x, spec)
	if b.Rotary {
		qkv = rotate(qkv)
	}
	return layer.Dense(s, "proj", layer.Attention(s, qkv, b.Heads), layer.DenseSpec{Out: d, Std: std})
}

// mlp is the two linear layers on x [N,T,D], or [N,D].
func (b Block) mlp(s *layer.Scope, x *tape.Var) *tape.Var {
	inside, out := layer.DenseSpec{Out: b.MLP, Std: std}, layer.DenseSpec{Out: x.Dim(len(x.Shape()) - 1), Std: std}
	if b.SwiGLU {
		gate := layer.Dense(s, "fc1_g", x, inside)
		return layer.Dense(s, "fc2", layer.SwiGLU(s, gate, layer.Dense(s, "fc1_x", x, inside)), out)
	}
	return layer.Dense(s, "fc2", layer.GELU(s, layer.Dense(s, "fc1", x, inside), b.GELU), out)
}
