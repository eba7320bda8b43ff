package norm

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
)

// LayerNorm is torch.nn.functional.layer_norm over the last axis: for each row of x [..., C]
//
//	mean = sum_c x_c / C     var = sum_c (x_c - mean)^2 / C
//	y_c = gamma_c (x_c - mean) / sqrt(var + eps) + beta_c
//
// gamma, beta [C]; it leaves the mean and 1/sqrt(var+eps) of each of the R = x.Len()/C rows in mean, inv [R]. float32 or
// float64, or the maps y and x in bfloat16; y may be x. Each row is computed on its own. In float32 a row is summed in parts (of each 16th
// number on the CPU, of each 32nd at least on CUDA), and squares about the mean: y is off by some units in the last place, and by as many
// of |mean| / sqrt(var + eps), since the mean is rounded to float32.
func LayerNorm(y, mean, inv, x, gamma, beta *kernels.Array, eps float64) {
	const op = "norm.LayerNorm"
	c := channels(op, x)
	kernels.WantShape(op, "y", y, x.Shape()...)
	kernels.WantShape(op, "gamma", gamma, c)
	kernels.WantShape(op, "beta", beta, c)
	wantRows(op, x, mean, inv)
	switch kernels.PathOfMaps(op, []*kernels.Array{y, x}, mean, inv, gamma, beta) {
	case kernels.OnGPU:
		layerNormCUDA(y, mean, inv, x, gamma, beta, eps)
	case kernels.InFloat64:
		d := kernels.Data[float64]
		layerNorm(d(y), d(mean), d(inv), d(x), d(gamma), d(beta), eps)
	case kernels.InFloat32:
		d := kernels.Data[float32]
		layerNorm(d(y), d(mean), d(inv), d(x), d(gamma), d(beta), eps)
	case kernels.InBFloat16:
		var w bfloat.Wide
		LayerNorm(w.Out(y), mean, inv, w.In(x), gamma, beta, eps)
		w.Done()
	}
}

// LayerNormBackward is the gradient of LayerNorm, from its mean and inv. With h_c = (x_c - mean) inv and g_c = dy_c gamma_c of a row
//
//	dx_c = inv (g_c - sum_c g_c / C - h_c sum_c g_c h_c / C)
//	dgamma = sum over all rows of dy h     dbeta = sum over all rows of dy
//
// Sums over rows are kept in float32 within 64 rows, and in float64 beyond. dx, dgamma and dbeta may be nil; dx may be dy.
func LayerNormBackward(dx, dgamma, dbeta, dy, x, gamma, mean, inv *kernels.Array) {
	const op = "norm.LayerNormBackward"
	c := channels(op, x)
	kernels.WantShape(op, "dy", dy, x.Shape()...)
	kernels.WantShape(op, "gamma", gamma, c)
	wantRows(op, x, mean, inv)
	wantOptional(op, "dx", dx, x.Shape()...)
	wantOptional(op, "dgamma", dgamma, c)
	wantOptional(op, "dbeta", dbeta, c)
	switch kernels.PathOfMaps(op, []*kernels.Array{dx, dy, x}, dgamma, dbeta, gamma, mean, inv) {
	case kernels.OnGPU:
		layerNormBackwardCUDA(dx, dgamma, dbeta, dy, x, gamma, mean, inv)
	case kernels.InFloat64:
		layerNormBackward[float64](dx, dgamma, dbeta, dy, x, gamma, mean, inv)
	case kernels.InFloat32:
		layerNormBackward[float32](dx, dgamma, dbeta, dy, x, gamma, mean, inv)
	case kernels.InBFloat16:
		var w bfloat.Wide
		LayerNormBackward(w.Out(dx), dgamma, dbeta, w.In(dy), w.In(x), gamma, mean, inv)
		w.Done()
	}
}

// wantRows panics unless mean and inv have a number for each row of x.
func wantRows(op string, x, mean, inv *kernels.Array) {
	rows := x.Len() / x.Dim(len(x.Shape())-1)
	kernels.WantShape(op, "mean", mean, rows)
	kernels.WantShape(op, "inv", inv, rows)
}
