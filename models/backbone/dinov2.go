package backbone

import "udml-gpu/models/backbone/vit"

// dinoV2 is DINOv2 (Oquab et al. 2023), with registers also Darcet et al. 2023: learned positions, layer scales.
var dinoV2 = &family{
	usual:        Spec{Family: "dinov2", Patch: 14, Grid: 37, GELU: geluErf, Eps: 1e-6, Interp: interpHF},
	maxRegisters: 64, minGrid: 1, maxGrid: 256, mayGate: true,
	size: 224, mean: imageNetMean, std: imageNetStd,
	licence:   "Apache-2.0",
	published: "facebook/dinov2-small and its like on Hugging Face, Meta's https://dl.fbaipublicfiles.com/dinov2/, timm's vit_*_dinov2",
	adapt:     func(m *vit.Model) { m.Block.Scale1, m.Block.Scale2 = "ls1.gamma", "ls2.gamma" },
}
