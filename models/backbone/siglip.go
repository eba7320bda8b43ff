package backbone

// sigLIP is the image tower of SigLIP (Zhai et al. 2023) and of SigLIP 2 (Tschannen et al. 2025) at a fixed resolution: no class token;
// a head of attention pools the patches.
var sigLIP = &family{
	usual:   Spec{Family: "siglip", Patch: 16, Grid: 14, GELU: geluTanh, Eps: 1e-6, Interp: interpHF},
	minGrid: 1, maxGrid: 256,
}
