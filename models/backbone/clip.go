package backbone

// clip is the image tower of CLIP (Radford et al. 2021): a norm before the first block, and a projection of the class token, which
// is the published feature. Which GELU it has is not usual: OpenAI's weights have the quick one, most of OpenCLIP's the exact one.
var clip = &family{
	usual:   Spec{Family: "clip", Patch: 32, Grid: 7, Eps: 1e-5, Interp: interpHF},
	minGrid: 1, maxGrid: 256, maxOut: 8192,
}
