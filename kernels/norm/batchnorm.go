// Package norm holds batch, layer and L2 normalisation, and the scaling of channels, all over the last axis.
package norm

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
)

// Stats are a batch norm's statistics of its batch: mean and 1/sqrt(variance+eps) of each channel, [C] each.
type Stats struct{ Mean, InvStd *kernels.Array }

// BatchNorm is torch's batch_norm in training, on the last axis: for x [..., C] with R rows of C channels
//
//	mean = sum_r w_r x_r / S     var = sum_r w_r (x_r - mean)^2 / S     S = sum_r w_r
//	y_r = gamma (x_r - mean) / sqrt(var + eps) + beta,  and max(0, y_r) where relu is set (NaN kept)
//
// gamma, beta [C]. weight nil: every w_r is 1. weight [N], N = x.Dim(0): image n's rows count weight[n] times; with
// weight 0 they leave the statistics alone but are normalised too. It fills s and y; y may be x.
// float32 sums are kept in float32 within 256 rows (64 on CUDA), shifted by the first of them, and in float64 beyond: the
// variance is right to about 1e-6 relative for any mean.
//
// All arrays are float32, or on the CPU float64. Maps, here x and y, may be bfloat16 while the rest is float32: they are read exactly,
// computed with as float32, and what is written is rounded once more. So in all ops of batch norm, where dx and dy are maps too.
func BatchNorm(y, x, gamma, beta, weight *kernels.Array, s Stats, eps float64, relu bool) {
	const op = "norm.BatchNorm"
	c := channels(op, x)
	kernels.WantShape(op, "y", y, x.Shape()...)
	kernels.WantShape(op, "gamma", gamma, c)
	kernels.WantShape(op, "beta", beta, c)
	wantStats(op, s, weight, x)
	switch kernels.PathOfMaps(op, []*kernels.Array{y, x}, gamma, beta, weight, s.Mean, s.InvStd) {
	case kernels.OnGPU:
		batchNormCUDA(y, x, gamma, beta, weight, s, eps, relu)
	case kernels.InFloat64:
		batchNorm[float64](y, x, gamma, beta, weight, s, eps, relu)
	case kernels.InFloat32:
		batchNorm[float32](y, x, gamma, beta, weight, s, eps, relu)
	case kernels.InBFloat16:
		var w bfloat.Wide
		BatchNorm(w.Out(y), w.In(x), gamma, beta, weight, s, eps, relu)
		w.Done()
	}
}

// BatchNormBackward is the exact gradient of BatchNorm. dy is per row as it is, not multiplied by the row's weight.
// beta is given where BatchNorm was called with relu, nil otherwise: dy is then first set to 0 where y was 0, which x
// tells again, so that y need not be kept. (The CPU writes these zeros to dy, CUDA leaves dy alone.) With
// xhat = (x - mean) InvStd and sums over all rows
//
//	dbeta = sum_r dy_r     dgamma = sum_r dy_r xhat_r
//	dx_r = gamma InvStd (dy_r - (w_r/S) (dbeta + xhat_r dgamma))
//
// Shapes and s as in BatchNorm. dx, dgamma and dbeta may be nil; dx may be dy.
func BatchNormBackward(dx, dgamma, dbeta, dy, x, gamma, beta, weight *kernels.Array, s Stats) {
	const op = "norm.BatchNormBackward"
	c := channels(op, x)
	kernels.WantShape(op, "dy", dy, x.Shape()...)
	kernels.WantShape(op, "gamma", gamma, c)
	wantStats(op, s, weight, x)
	wantOptional(op, "beta", beta, c)
	wantOptional(op, "dx", dx, x.Shape()...)
	wantOptional(op, "dgamma", dgamma, c)
	wantOptional(op, "dbeta", dbeta, c)
	switch kernels.PathOfMaps(op, []*kernels.Array{dx, dy, x}, dgamma, dbeta, gamma, beta, weight, s.Mean, s.InvStd) {
	case kernels.OnGPU:
		batchNormBackwardCUDA(dx, dgamma, dbeta, dy, x, gamma, beta, weight, s)
	case kernels.InFloat64:
		batchNormBackward[float64](dx, dgamma, dbeta, dy, x, gamma, beta, weight, s)
	case kernels.InFloat32:
		batchNormBackward[float32](dx, dgamma, dbeta, dy, x, gamma, beta, weight, s)
	case kernels.InBFloat16:
		var w bfloat.Wide
		BatchNormBackward(w.Out(dx), dgamma, dbeta, w.Out(dy), w.In(x), gamma, beta, weight, s)
		w.Done()
	}
}

// BatchNormEval is torch's batch_norm in evaluation: y = gamma (x - runMean)/sqrt(runVar + eps) + beta, and max(0, y)
// where relu is set. x, y [..., C], the rest [C]; y may be x. On CUDA the scale is computed in float32.
func BatchNormEval(y, x, gamma, beta, runMean, runVar *kernels.Array, eps float64, relu bool) {
	const op = "norm.BatchNormEval"
	c := channels(op, x)
	kernels.WantShape(op, "y", y, x.Shape()...)
	kernels.WantShape(op, "gamma", gamma, c)
	kernels.WantShape(op, "beta", beta, c)
	kernels.WantShape(op, "running mean", runMean, c)
	kernels.WantShape(op, "running variance", runVar, c)
	switch kernels.PathOfMaps(op, []*kernels.Array{y, x}, gamma, beta, runMean, runVar) {
	case kernels.OnGPU:
		batchNormEvalCUDA(y, x, gamma, beta, runMean, runVar, eps, relu)
	case kernels.InFloat64:
		batchNormEval[float64](y, x, gamma, beta, runMean, runVar, eps, relu)
	case kernels.InFloat32:
		batchNormEval[float32](y, x, gamma, beta, runMean, runVar, eps, relu)
	case kernels.InBFloat16:
		var w bfloat.Wide
		BatchNormEval(w.Out(y), w.In(x), gamma, beta, runMean, runVar, eps, relu)
		w.Done()
	}
}

// BatchNormEvalBackward is the gradient of BatchNormEval for x, all else constant: dx = dy gamma / sqrt(runVar + eps), and 0 where
// relu is set and y is 0. A NaN in y lets dy through, as act.ReLUBackward does: the loss behind it, and so dy, is NaN too.
//
// dx, dy, and y, the output of BatchNormEval with relu, are [..., C]; gamma, runVar [C]. dx may be dy; y may be nil without relu.
// Two roundings, of the scale and of the product, bound the error; on CUDA the scale is computed in float32 and has three.
func BatchNormEvalBackward(dx, dy, y, gamma, runVar *kernels.Array, eps float64, relu bool) {
	const op = "norm.BatchNormEvalBackward"
	c := channels(op, dx)
	kernels.WantShape(op, "dy", dy, dx.Shape()...)
	kernels.WantShape(op, "gamma", gamma, c)
	kernels.WantShape(op, "running variance", runVar, c)
	if relu {
		kernels.WantShape(op, "y", y, dx.Shape()...)
	} else {
		y = nil
	}
	switch kernels.PathOfMaps(op, []*kernels.Array{dx, dy, y}, gamma, runVar) {
	case kernels.OnGPU:
		batchNormEvalBackwardCUDA(dx, dy, y, gamma, runVar, eps)
	case kernels.InFloat64:
		batchNormEvalBackward[float64](dx, dy, y, gamma, runVar, eps)
	case kernels.InFloat32:
		batchNormEvalBackward[float32](dx, dy, y, gamma, runVar, eps)
	case kernels.InBFloat16:
		var w bfloat.Wide
		BatchNormEvalBackward(w.Out(dx), w.In(dy), w.In(y), gamma, runVar, eps, relu)
		w.Done()
	}
}

// channels is the size of x's last axis.
func channels(op string, x *kernels.Array) int {
	if n := len(x.Shape()); n > 0 && x.Dim(n-1) > 0 {
		return x.Dim(n - 1)
	}
	panic(op + ": x is " + x.String() + ", want [..., C] with C > 0")
}

func wantStats(op string, s Stats, weight, x *kernels.Array) {
	c := x.Dim(len(x.Shape()) - 1)
	kernels.WantShape(op, "mean", s.Mean, c)
	kernels.WantShape(op, "inverse deviation", s.InvStd, c)
	if weight != nil {
		kernels.WantShape(op, "weight", weight, x.Dim(0))
	}
}

func wantOptional(op, name string, a *kernels.Array, shape ...int) {
	if a != nil {
		kernels.WantShape(op, name, a, shape...)
	}
}
