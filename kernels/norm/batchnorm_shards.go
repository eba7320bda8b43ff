package norm

import (
	"fmt"

	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
)

// Batch norm over rows that lie in several arrays, the shards of a batch, in this process or in several: what BatchNorm and
// BatchNormBackward do in one call is here cut where numbers of all shards meet.
//
//	forward, each shard:   BatchMoments
//	with all moments:      JoinMoments
//	forward, each shard:   BatchNormApply
//	backward, each shard:  BatchNormSums
//	with the sums' sum:    BatchNormParameters
//	backward, each shard:  BatchNormInput
//
// On one shard the results are those of BatchNorm and BatchNormBackward, bit for bit; with weights the sums over rows are added in another
// order, and only the statistics are. Weights are as in BatchNorm: that of an image, an element of the first axis, counts for its rows.

// BatchMoments are the mean and the squares of a shard's rows: for x [..., C] with R rows of C channels
//
//	m[0] = sum_r w_r x_r / W     m[1] = sum_r w_r (x_r - m[0])^2     W = sum_r w_r
//
// and zeros where W is 0. weight [N], N = x.Dim(0); nil: every w_r is 1. m float64 [2,C]; the types of x and weight, and how exact sums
// are, as in BatchNorm.
func BatchMoments(m, x, weight *kernels.Array) {
	const op = "norm.BatchMoments"
	wantSums(op, "m", m, channels(op, x))
	wantOptional(op, "weight", weight, x.Dim(0))
	switch kernels.PathOfMaps(op, []*kernels.Array{x}, weight) {
	case kernels.OnGPU:
		statisticsCUDA(Stats{}, m, Whole(x), weight, 0)
	case kernels.InFloat64:
		batchMoments[float64](m, x, weight)
	case kernels.InFloat32:
		batchMoments[float32](m, x, weight)
	case kernels.InBFloat16:
		var w bfloat.Wide
		BatchMoments(m, w.In(x), weight)
		w.Done()
	}
}

// JoinMoments fills s with the statistics of the rows of all shards together: mean and 1/sqrt(var+eps), of the moments m of S
// shards, rows[i] rows in shard i. m float64 [S,2,C], S at least 1; s [C] each, float32 or float64. weight [N] are the weights of the
// images of all shards, in their order, of s's type: each has as many rows, and a shard counts as many as its images weigh; nil: once each.
//
// Shards are added one by one in their order, in float64, by Chan's rule (Chan, Golub, LeVeque 1979): with n rows so far and k more,
//
//	d = m_i[0] - mean     mean += d k/(n+k)     squares += m_i[1] + d^2 n k/(n+k)
//
// which subtracts only means, so that a mean far from 0 costs nothing: each shard adds a few roundings of float64, and s is rounded
// once. A shard of no rows or no weight changes nothing, whatever its moments hold. Without any the mean and the variance are 0.
func JoinMoments(s Stats, m *kernels.Array, rows []int, weight *kernels.Array, eps float64) {
	const op = "norm.JoinMoments"
	c := s.Mean.Len()
	kernels.WantShape(op, "mean", s.Mean, c)
	kernels.WantShape(op, "inverse deviation", s.InvStd, c)
	kernels.WantShape(op, "m", m, len(rows), 2, c)
	kernels.WantType(op, "m", m, kernels.Float64)
	if len(rows) == 0 {
		panic(op + ": there is no shard")
	}
	per := rowsOfImage(op, rows, weight)
	switch kernels.PathOf(op, s.Mean, s.InvStd, weight) {
	case kernels.OnGPU:
		joinMomentsCUDA(s, m, rows, weight, per, eps)
	case kernels.InFloat64:
		joinMoments[float64](s, kernels.Data[float64](m), rows, weight, per, eps)
	case kernels.InFloat32:
		joinMoments[float32](s, kernels.Data[float64](m), rows, weight, per, eps)
	}
}

// rowsOfImage checks the rows of shards, and is how many of them each image has that weight counts; 1 without weights.
func rowsOfImage(op string, rows []int, weight *kernels.Array) int {
	all := 0
	for _, n := range rows {
		if all += n; n < 0 {
			panic(fmt.Sprintf("%s: rows are %v", op, rows))
		}
	}
	if weight == nil {
		return 1
	}
	per, fits := max(1, all/max(1, weight.Len())), true
	for _, n := range rows {
		fits = fits && n%per == 0
	}
	if !fits || all != per*weight.Len() {
		panic(fmt.Sprintf("%s: weights %v do not fit the rows %v", op, weight, rows))
	}
	return per
}

// BatchNormApply is BatchNorm's map with given statistics, rounded alike: y_r = gamma (x_r - mean) InvStd + beta, and max(0, y_r) where
// relu is set (NaN kept). x, y [..., C], the rest [C]; y may be x.
func BatchNormApply(y, x, gamma, beta *kernels.Array, s Stats, relu bool) {
	const op = "norm.BatchNormApply"
	c := channels(op, x)
	kernels.WantShape(op, "y", y, x.Shape()...)
	kernels.WantShape(op, "gamma", gamma, c)
	kernels.WantShape(op, "beta", beta, c)
	wantStats(op, s, nil, x)
	switch kernels.PathOfMaps(op, []*kernels.Array{y, x}, gamma, beta, s.Mean, s.InvStd) {
	case kernels.OnGPU:
		applyCUDA(Whole(y), Whole(x), gamma, beta, s, relu)
	case kernels.InFloat64:
		batchNormApply[float64](y, x, gamma, beta, s, relu)
	case kernels.InFloat32:
		batchNormApply[float32](y, x, gamma, beta, s, relu)
	case kernels.InBFloat16:
		var w bfloat.Wide
		BatchNormApply(w.Out(y), w.In(x), gamma, beta, s, relu)
		w.Done()
	}
}

// BatchNormSums are a shard's parts of the sums over all rows that the gradients need: with xhat = (x - mean) InvStd
//
//	sums[0] = sum_r dy_r     sums[1] = sum_r dy_r xhat_r
//
// sums float64 [2,C]; the other shapes, s, beta and the gating of dy as in BatchNormBackward: where beta is given, the CPU
// writes zeros to dy, CUDA leaves dy alone. The sums of all shards are added by the caller. Sums are as exact as BatchNormBackward's.
func BatchNormSums(sums, dy, x, gamma, beta *kernels.Array, s Stats) {
	const op = "norm.BatchNormSums"
	c := channels(op, x)
	wantSums(op, "sums", sums, c)
	kernels.WantShape(op, "dy", dy, x.Shape()...)
	kernels.WantShape(op, "gamma", gamma, c)
	wantStats(op, s, nil, x)
	wantOptional(op, "beta", beta, c)
	switch kernels.PathOfMaps(op, []*kernels.Array{dy, x}, gamma, beta, s.Mean, s.InvStd) {
	case kernels.OnGPU:
		sumsCUDA(joined{sums: sums}, Whole(dy), Whole(x), gamma, beta, nil, s)
	case kernels.InFloat64:
		chunksOf[float64](x, nil).parameterGradients(kernels.Data[float64](sums), dy, x, gamma, beta, s)
	case kernels.InFloat32:
		chunksOf[float32](x, nil).parameterGradients(kernels.Data[float64](sums), dy, x, gamma, beta, s)
	case kernels.InBFloat16:
		var w bfloat.Wide
		BatchNormSums(sums, w.Out(dy), w.In(x), gamma, beta, s)
		w.Done()
	}
}

// BatchNormParameters are the gradients of the parameters: dbeta = total[0], dgamma = total[1], rounded to their type. total float64
// [2,C] is the sum of all shards' BatchNormSums. dgamma, dbeta [C], float32 or float64; one of them may be nil.
func BatchNormParameters(dgamma, dbeta, total *kernels.Array) {
	const op = "norm.BatchNormParameters"
	wantSums(op, "total", total, -1)
	c := total.Dim(1)
	wantOptional(op, "dgamma", dgamma, c)
	wantOptional(op, "dbeta", dbeta, c)
	switch kernels.PathOf(op, dgamma, dbeta) {
	case kernels.OnGPU:
		joinColumns(dbeta, dgamma, total, 1, c)
	case kernels.InFloat64:
		storeGradients[float64](dgamma, dbeta, kernels.Data[float64](total))
	case kernels.InFloat32:
		storeGradients[float32](dgamma, dbeta, kernels.Data[float64](total))
	}
}

// BatchNormInput is the gradient of a shard's x:
//
//	dx_r = gamma InvStd (dy_r - (w_r/W) (total[0] + xhat_r total[1]))
//
// total float64 [2,C] is the sum of all shards' BatchNormSums, rows the number of all shards' rows. Where beta is given, it was given
// to BatchNormSums too, and dy is as BatchNormSums left it. weight [x.Dim(0)] are the weights of the shard's images, all [N] those of all
// shards' images; both nil: every w_r is 1, and W is rows. The other shapes and s as there; dx may be dy. Rounded as BatchNormBackward.
func BatchNormInput(dx, dy, x, gamma, beta, weight *kernels.Array, s Stats, total, all *kernels.Array, rows int) {
	const op = "norm.BatchNormInput"
	c := channels(op, x)
	kernels.WantShape(op, "dx", dx, x.Shape()...)
	kernels.WantShape(op, "dy", dy, x.Shape()...)
	kernels.WantShape(op, "gamma", gamma, c)
	wantStats(op, s, nil, x)
	wantOptional(op, "beta", beta, c)
	wantSums(op, "total", total, c)
	wantOptional(op, "weight", weight, x.Dim(0))
	if (weight == nil) != (all == nil) {
		panic(op + ": weights of the shard or of all are missing")
	}
	if rows < x.Len()/c && weight == nil {
		panic(fmt.Sprintf("%s: x is %v, of %d rows in all", op, x, rows))
	}
	switch kernels.PathOfMaps(op, []*kernels.Array{dx, dy, x}, gamma, beta, weight, s.Mean, s.InvStd, all) {
	case kernels.OnGPU:
		batchNormInputCUDA(dx, dy, x, gamma, beta, weight, s, total, all, rows)
	case kernels.InFloat64:
		batchNormInput[float64](dx, dy, x, gamma, weight, s, total, all, rows)
	case kernels.InFloat32:
		batchNormInput[float32](dx, dy, x, gamma, weight, s, total, all, rows)
	case kernels.InBFloat16:
		var w bfloat.Wide
		BatchNormInput(w.Out(dx), w.In(dy), w.In(x), gamma, beta, weight, s, total, all, rows)
		w.Done()
	}
}

// wantSums checks an array of two float64 numbers a channel.
func wantSums(op, name string, a *kernels.Array, c int) {
	kernels.WantShape(op, name, a, 2, c)
	kernels.WantType(op, name, a, kernels.Float64)
}
