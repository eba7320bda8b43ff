package backbone

import "udml-gpu/models/backbone/vit"

// plainViT is the vision transformer (Dosovitskiy et al. 2020) as timm and DeiT have it: ImageNet's, DINO's, MAE's.
var plainViT = &family{
	usual:   Spec{Family: "vit", Patch: 16, Grid: 14, GELU: geluErf, Eps: 1e-6, Interp: interpHF},
	minGrid: 1, maxGrid: 256,
	mean: imageNetMean, std: imageNetStd,
	licence:   "Apache-2.0",
	published: "Meta's DeiT, DINO (https://dl.fbaipublicfiles.com/dino/) and MAE, timm's vit_*_patch16_224",
	adapt:     func(*vit.Model) {},
}
