package backbone

// dinoV2 is DINOv2 (Oquab et al. 2023), with registers also Darcet et al. 2023: learned positions, layer scales.
var dinoV2 = &family{
	usual:        Spec{Family: "dinov2", Patch: 14, Grid: 37, GELU: geluErf, Eps: 1e-6, Interp: interpHF},
	maxRegisters: 64, minGrid: 1, maxGrid: 256, mayGate: true,
}
