package norm

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
)

// Scale is y = x gamma + residual, each row of x [..., C] times gamma [C]: the layer scale of Touvron et al., "Going deeper with image
// transformers" (2021), eq. 3, with the sum that follows it there. residual is like x, or nil: nothing is added. float32 or float64, or the
// maps y, x, residual in bfloat16; y may be x or residual. Each product and each sum is rounded once; on CUDA both together.
func Scale(y, x, gamma, residual *kernels.Array) {
	const op = "norm.Scale"
	c := channels(op, x)
	kernels.WantShape(op, "y", y, x.Shape()...)
	kernels.WantShape(op, "gamma", gamma, c)
	wantOptional(op, "residual", residual, x.Shape()...)
	switch kernels.PathOfMaps(op, []*kernels.Array{y, x, residual}, gamma) {
	case kernels.OnGPU:
		scaleCUDA(y, x, gamma, residual)
	case kernels.InFloat64:
		scale[float64](y, x, gamma, residual)
	case kernels.InFloat32:
		scale[float32](y, x, gamma, residual)
	case kernels.InBFloat16:
		var w bfloat.Wide
		Scale(w.Out(y), w.In(x), gamma, w.In(residual))
		w.Done()
	}
}

// ScaleBackward is the gradient of Scale: dx = dy gamma, dgamma the sum of dy x over all rows; that of the residual is dy itself. Sums
// are kept in float32 within 64 rows, and in float64 beyond. dx and dgamma may be nil; dx may be dy.
func ScaleBackward(dx, dgamma, dy, x, gamma *kernels.Array) {
	const op = "norm.ScaleBackward"
	c := channels(op, x)
	kernels.WantShape(op, "dy", dy, x.Shape()...)
	kernels.WantShape(op, "gamma", gamma, c)
	wantOptional(op, "dx", dx, x.Shape()...)
	wantOptional(op, "dgamma", dgamma, c)
	switch kernels.PathOfMaps(op, []*kernels.Array{dx, dy, x}, dgamma, gamma) {
	case kernels.OnGPU:
		columnSumsCUDA(nil, dgamma, dy, x, nil, nil)
		if dx != nil {
			scaleCUDA(dx, dy, gamma, nil)
		}
	case kernels.InFloat64:
		scaleBackward[float64](dx, dgamma, dy, x, gamma)
	case kernels.InFloat32:
		scaleBackward[float32](dx, dgamma, dy, x, gamma)
	case kernels.InBFloat16:
		var w bfloat.Wide
		ScaleBackward(w.Out(dx), dgamma, w.In(dy), w.In(x), gamma)
		w.Done()
	}
}
