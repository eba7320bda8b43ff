package act

import (
	"fmt"

	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
)

// GELUKind is one of the published forms of the Gaussian error linear unit (Hendrycks and Gimpel, 2016).
type GELUKind uint8

// The kinds of GELU: x times a factor.
const (
	GELUErf   GELUKind = iota // the normal distribution below x: torch.nn.functional.gelu
	GELUTanh                  // (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))/2: gelu(approximate="tanh")
	GELUQuick                 // 1/(1 + exp(-1.702 x)): OpenAI's CLIP
)

// GELU is y = x G(x) with the factor G of its kind. Any shape; float32, float64 or bfloat16; y may be x. -Inf gives NaN, as in torch.
// Relative error in float32: (8 - 4 log G(x)) 2^-24, since a rounded argument of an exponential is off by that many units; below the
// smallest normal number G may be 0.
func GELU(y, x *kernels.Array, kind GELUKind) {
	wantGELU("act.GELU", x, y, y, kind)
	switch kernels.PathOfMaps("act.GELU", []*kernels.Array{y, x}) {
	case kernels.OnGPU:
		geluCUDA(y, x, kind)
	case kernels.InFloat64:
		gelu64(kernels.Data[float64](y), kernels.Data[float64](x), kind)
	case kernels.InFloat32:
		gelu32(kernels.Data[float32](y), kernels.Data[float32](x), kind)
	case kernels.InBFloat16:
		var w bfloat.Wide
		GELU(w.Out(y), w.In(x), kind)
		w.Done()
	}
}

// GELUBackward is dx = dy (G(x) + x G'(x)), of GELU's x; at infinities its limit, dy or 0. dx may be dy. Error in float32: 16 2^-24 of dy.
func GELUBackward(dx, dy, x *kernels.Array, kind GELUKind) {
	if dx == nil {
		return
	}
	wantGELU("act.GELUBackward", x, dx, dy, kind)
	switch kernels.PathOfMaps("act.GELUBackward", []*kernels.Array{dx, dy, x}) {
	case kernels.OnGPU:
		geluBackwardCUDA(dx, dy, x, kind)
	case kernels.InFloat64:
		geluBackward64(kernels.Data[float64](dx), kernels.Data[float64](dy), kernels.Data[float64](x), kind)
	case kernels.InFloat32:
		geluBackward32(kernels.Data[float32](dx), kernels.Data[float32](dy), kernels.Data[float32](x), kind)
	case kernels.InBFloat16:
		var w bfloat.Wide
		GELUBackward(w.Out(dx), w.In(dy), w.In(x), kind)
		w.Done()
	}
}

// wantGELU panics unless a and b are like x and there is such a kind.
func wantGELU(op string, x, a, b *kernels.Array, kind GELUKind) {
	kernels.WantShape(op, "the output", a, x.Shape()...)
	kernels.WantShape(op, "the gradient", b, x.Shape()...)
	if kind > GELUQuick {
		panic(fmt.Sprintf("%s: there is no kind %d", op, kind))
	}
}
