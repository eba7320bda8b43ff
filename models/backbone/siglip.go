package backbone

import (
	"udml-gpu/models/backbone/vit"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// halves is a mean and deviation that take pixels from 0..1 to -1..1.
var halves = []float64{0.5, 0.5, 0.5}

// sigLIP is the image tower of SigLIP (Zhai et al. 2023) and of SigLIP 2 (Tschannen et al. 2025) at a fixed resolution: no class token;
// a head of attention pools the patches.
var sigLIP = &family{
	usual:   Spec{Family: "siglip", Patch: 16, Grid: 14, GELU: geluTanh, Eps: 1e-6, Interp: interpHF},
	minGrid: 1, maxGrid: 256,
	mean: halves, std: halves,
	licence:   "Apache-2.0",
	published: "google/siglip-base-patch16-224, google/siglip2-base-patch16-224 and their like on Hugging Face, timm's vit_*_siglip_*",
	adapt:     func(m *vit.Model) { m.Class = false },
	head: func(spec Spec) (int, func(*layer.Scope, vit.Model, vit.Result) *tape.Var) {
		return spec.Dim, func(s *layer.Scope, m vit.Model, r vit.Result) *tape.Var { return m.AttentionPool(s, r.Tokens) }
	},
}
