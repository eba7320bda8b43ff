package backbone

import (
	"fmt"
	"slices"
	"strings"
)

// Spec says which transformer a network is: what the shapes of a file's tensors or its config.json decide.
type Spec struct {
	Family    string // one of Families
	Dim       int    // width of a token
	Depth     int    // blocks
	Heads     int    // of Dim/Heads channels each
	Patch     int    // side of a patch in pixels
	Registers int    // tokens besides the class token that no patch has
	MLP       int    // width inside a block's MLP
	Grid      int    // side of the grid of learned positions, in patches; 0: positions are rotations (RoPE)
	Out       int    // width of the projected class token; 0: none
	GELU      string // erf, tanh or quick; "" with SwiGLU
	SwiGLU    bool   // the MLP is fc2(silu(fc1_g x) * fc1_x x)
	Eps       float64
	Interp    string // how learned positions are resized to other grids: hf, timm or hub, as these programs do it; "" without any
}

// The forms of GELU.
const (
	gelus     = "erf, tanh, quick"
	geluErf   = "erf"   // x times the normal distribution function: torch.nn.GELU
	geluTanh  = "tanh"  // its approximation by tanh
	geluQuick = "quick" // x sigmoid(1.702 x), of OpenAI's CLIP
)

// The ways to resize learned positions. All are bicubic with align_corners off.
const (
	interps    = "hf, timm, hub"
	interpHF   = "hf"   // transformers: antialiased for DINOv2 with registers only
	interpTimm = "timm" // timm: antialiased always
	interpHub  = "hub"  // Meta's code of DINOv2: as transformers with registers, else at a scale that is 0.1 patches off
)

// maxParameters bounds the size of a network, which is 6.7e9 parameters for DINOv3's largest.
const maxParameters = 8e9

// Check is the error of a spec that no network can have. It bounds every number.
func (s Spec) Check() error {
	f, err := familyOf(s.Family)
	if err != nil {
		return err
	}
	for _, n := range []struct {
		key              string
		value, low, high int
	}{
		{"dim", s.Dim, 1, 8192},
		{"depth", s.Depth, 1, 128},
		{"heads", s.Heads, 1, 256},
		{"patch", s.Patch, 1, 64},
		{"registers", s.Registers, 0, f.maxRegisters},
		{"mlp", s.MLP, 1, 65536},
		{"grid", s.Grid, f.minGrid, f.maxGrid},
		{"out", s.Out, 0, f.maxOut},
	} {
		if n.value < n.low || n.value > n.high {
			return fmt.Errorf("%s: %s is %d, want %s", s.Family, n.key, n.value, span(n.low, n.high))
		}
	}
	switch per := s.Dim / s.Heads; {
	case s.Dim%s.Heads != 0:
		return fmt.Errorf("%s: %d channels cannot be split into %d heads", s.Family, s.Dim, s.Heads)
	case s.Grid == 0 && per%4 != 0:
		return fmt.Errorf("%s: heads have %d channels, want a multiple of 4, which positions rotate", s.Family, per)
	case !(s.Eps > 0 && s.Eps <= 0.1):
		return fmt.Errorf("%s: eps is %g, want a number in (0, 0.1]", s.Family, s.Eps)
	case s.parameters() > maxParameters:
		return fmt.Errorf("%s: %.2g parameters, want at most %.2g", s.Family, s.parameters(), float64(maxParameters))
	}
	return s.checkWords(f)
}

// checkWords checks what is not a number.
func (s Spec) checkWords(f *family) error {
	switch {
	case s.SwiGLU && (!f.mayGate || s.GELU != ""):
		return fmt.Errorf("%s: swiglu is for dinov2 and dinov3, and instead of a gelu", s.Family)
	case !s.SwiGLU && !slices.Contains(strings.Split(gelus, ", "), s.GELU):
		return fmt.Errorf("%s: gelu %q is not one of %s", s.Family, s.GELU, gelus)
	case s.Grid == 0 && s.Interp != "":
		return fmt.Errorf("%s: it has no learned positions that interp %q could resize", s.Family, s.Interp)
	case s.Grid > 0 && !slices.Contains(strings.Split(interps, ", "), s.Interp):
		return fmt.Errorf("%s: interp %q is not one of %s", s.Family, s.Interp, interps)
	}
	return nil
}

func span(low, high int) string {
	if low == high {
		return fmt.Sprint(low)
	}
	return fmt.Sprintf("%d to %d", low, high)
}

// parameters is the number of parameters without biases and norms.
func (s Spec) parameters() float64 {
	d, matrices := float64(s.Dim), 2.0
	if s.SwiGLU {
		matrices = 3
	}
	block := 4*d*d + matrices*d*float64(s.MLP)
	return float64(s.Depth)*block + d*float64(3*s.Patch*s.Patch+s.Grid*s.Grid+s.Out)
}
