package backbone

// plainViT is the vision transformer (Dosovitskiy et al. 2020) as timm and DeiT have it: ImageNet's, DINO's, MAE's.
var plainViT = &family{
	usual:   Spec{Family: "vit", Patch: 16, Grid: 14, GELU: geluErf, Eps: 1e-6, Interp: interpHF},
	minGrid: 1, maxGrid: 256,
}
