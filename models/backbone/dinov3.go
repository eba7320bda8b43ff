package backbone

import "udml-gpu/models/backbone/vit"

// dinoV3Name is the family whose layer scales have names of their own.
const dinoV3Name = "dinov3"

// dinoV3 is DINOv3 (Siméoni et al. 2025): rotations in the place of positions, registers, no bias of the keys.
var dinoV3 = &family{
	usual:        Spec{Family: dinoV3Name, Patch: 16, Registers: 4, GELU: geluErf, Eps: 1e-5},
	maxRegisters: 64, mayGate: true,
	size: 224, mean: imageNetMean, std: imageNetStd,
	licence:   "DINOv3 License",
	published: "facebook/dinov3-vits16-pretrain-lvd1689m and its like on Hugging Face after consent to their licence; timm's vit_*_dinov3",
	adapt: func(m *vit.Model) {
		m.Block.Scale1, m.Block.Scale2, m.Block.Rotary = "gamma_1", "gamma_2", true
	},
}
