package norm

import "udml-gpu/kernels"

var (
	joinMomentsKernel  = kernels.NewKernel("norm_batch_shards")
	coefficientsKernel = kernels.NewKernel("norm_gradient_coefficients")
)

// shardsAtOnce is how many shards a launch of norm_batch_shards takes: their numbers of rows are arguments, because an upload cannot be
// part of a CUDA graph.
const shardsAtOnce = 16

func joinMomentsCUDA(s Stats, m *kernels.Array, rows []int, weight *kernels.Array, per int, eps float64) {
	dev, c := s.Mean.Device(), s.Mean.Len()
	var so *kernels.Array // mean and squares of the shards before
	if len(rows) > shardsAtOnce {
		so = dev.Scratch(kernels.Float64, 2, c)
		defer so.Free()
	}
	before := 0
	for first := 0; first < len(rows); first += shardsAtOnce {
		some, mean, inv := rows[first:min(first+shardsAtOnce, len(rows))], s.Mean, s.InvStd
		if first+shardsAtOnce < len(rows) {
			mean, inv = nil, nil
		}
		const own = 10
		args := [own + shardsAtOnce]kernels.Arg{
			kernels.Ptr(mean), kernels.Ptr(inv), kernels.Ptr(so), kernels.PtrAt(m, 2*c*first), kernels.Ptr(weight),
			kernels.F64(float64(per)), kernels.I32(before / per), kernels.I32(len(some)), kernels.I32(c), kernels.F64(eps),
		}
		for i := range shardsAtOnce {
			args[own+i] = kernels.I32(0)
			if i < len(some) {
				args[own+i] = kernels.I32(some[i] / per)
				before += some[i]
			}
		}
		dev.Launch(joinMomentsKernel, kernels.Elements(c), args[:]...)
	}
}

func batchNormInputCUDA(dx, dy, x, gamma, beta, weight *kernels.Array, s Stats, total, all *kernels.Array, rows int) {
	if dx.Len() == 0 {
		return
	}
	dev, c := x.Device(), gamma.Len()
	coef := dev.Scratch(kernels.Float32, 2, c)
	defer coef.Free()
	dev.Launch(coefficientsKernel, kernels.Elements(c), kernels.Ptr(coef), kernels.Ptr(total), kernels.Ptr(gamma), kernels.Ptr(s.InvStd),
		kernels.Ptr(all), kernels.I32(images(all)), kernels.F64(float64(imageRows(rows, all))), kernels.I32(c))
	inputGradientCUDA(Whole(dx), Whole(dy), Whole(x), gamma, beta, weight, s, coef)
}
