package backbone

// dinoV3Name is the family whose layer scales have names of their own.
const dinoV3Name = "dinov3"

// dinoV3 is DINOv3 (Siméoni et al. 2025): rotations in the place of positions, registers, no bias of the keys.
var dinoV3 = &family{
	usual:        Spec{Family: dinoV3Name, Patch: 16, Registers: 4, GELU: geluErf, Eps: 1e-5},
	maxRegisters: 64, mayGate: true,
}
