package backbone

import (
	"udml-gpu/models/backbone/vit"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// clip is the image tower of CLIP (Radford et al. 2021): a norm before the first block, and a projection of the class token, which
// is the published feature. Which GELU it has is not usual: OpenAI's weights have the quick one, most of OpenCLIP's the exact one.
var clip = &family{
	usual:   Spec{Family: "clip", Patch: 32, Grid: 7, Eps: 1e-5, Interp: interpHF},
	minGrid: 1, maxGrid: 256, maxOut: 8192,
	mean: []float64{0.48145466, 0.4578275, 0.40821073}, std: []float64{0.26862954, 0.26130258, 0.27577711},
	licence:   "MIT",
	published: "openai/clip-vit-base-patch32 and its like on Hugging Face (quickgelu), laion's and OpenCLIP's",
	adapt:     func(m *vit.Model) { m.NoPatchBias, m.NormFirst = true, true },
	head: func(spec Spec) (int, func(*layer.Scope, vit.Model, vit.Result) *tape.Var) {
		return spec.Out, func(s *layer.Scope, _ vit.Model, r vit.Result) *tape.Var { return vit.Project(s, r.Class, spec.Out) }
	},
}
