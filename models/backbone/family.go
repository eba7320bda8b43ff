package backbone

import (
	"udml-gpu/models/backbone/vit"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// family is what the transformers of one kind have in common.
type family struct {
	usual                                  Spec // what a text leaves out
	maxRegisters, minGrid, maxGrid, maxOut int
	mayGate                                bool // there are members with SwiGLU
	size                                   int  // usual side of an image in pixels; 0: that of the grid of positions
	mean, std                              []float64
	licence, published                     string
	// adapt sets what the family's model has beyond the numbers of its spec.
	adapt func(m *vit.Model)
	// head is the width of the network's own head, and the head on what the model made. Nil: the family has none.
	head func(s Spec) (width int, record func(s *layer.Scope, m vit.Model, r vit.Result) *tape.Var)
}

// families are all kinds of transformers.
var families = []*family{plainViT, dinoV2, dinoV3, clip, sigLIP}

// namedSpec is a spec that has a name.
type namedSpec struct {
	name string
	spec Spec
}

// transformers are the published transformers that have a name.
var transformers = []namedSpec{
	{"dinov2_vits14", dinoV2.sized(384, 12, 6, 14)},
	{"dinov2_vitb14", dinoV2.sized(768, 12, 12, 14)},
	{"dinov2_vitl14", dinoV2.sized(1024, 24, 16, 14)},
	{"dinov2_vits14_reg4", dinoV2.sized(384, 12, 6, 14).registers(4)},
	{"dinov2_vitb14_reg4", dinoV2.sized(768, 12, 12, 14).registers(4)},
	{"dinov2_vitl14_reg4", dinoV2.sized(1024, 24, 16, 14).registers(4)},
	{"dinov3_vits16", dinoV3.sized(384, 12, 6, 16)},
	{"dinov3_vits16plus", dinoV3.sized(384, 12, 6, 16).gated()},
	{"dinov3_vitb16", dinoV3.sized(768, 12, 12, 16)},
	{"dinov3_vitl16", dinoV3.sized(1024, 24, 16, 16)},
	{"clip_vitb32", clip.sized(768, 12, 12, 32).projected(7, 512, geluErf)},
	{"clip_vitb32_quickgelu", clip.sized(768, 12, 12, 32).projected(7, 512, geluQuick)},
	{"clip_vitb16", clip.sized(768, 12, 12, 16).projected(14, 512, geluErf)},
	{"clip_vitb16_quickgelu", clip.sized(768, 12, 12, 16).projected(14, 512, geluQuick)},
	{"clip_vitl14", clip.sized(1024, 24, 16, 14).projected(16, 768, geluErf)},
	{"clip_vitl14_quickgelu", clip.sized(1024, 24, 16, 14).projected(16, 768, geluQuick)},
	{"siglip_vitb16", sigLIP.sized(768, 12, 12, 16)},
	{"vit_tiny_patch16", plainViT.sized(192, 12, 3, 16)},
	{"vit_small_patch16", plainViT.sized(384, 12, 6, 16)},
	{"vit_base_patch16", plainViT.sized(768, 12, 12, 16)},
}

// sized is the family's usual spec in that size.
func (f *family) sized(dim, depth, heads, patch int) Spec {
	s := f.usual
	s.Dim, s.Depth, s.Heads, s.Patch = dim, depth, heads, patch
	return s.filled()
}

func (s Spec) registers(n int) Spec {
	s.Registers = n
	return s
}

func (s Spec) gated() Spec {
	s.SwiGLU, s.GELU = true, ""
	return s
}

func (s Spec) projected(grid, out int, gelu string) Spec {
	s.Grid, s.Out, s.GELU = grid, out, gelu
	return s
}
