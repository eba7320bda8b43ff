package norm

import "udml-gpu/kernels"

var (
	joinMomentsKernel  = kernels.NewKernel("norm_batch_shards")
	coefficientsKernel = kernels.NewKernel("norm_gradient_coefficients")
)

// shardsAtOnce is how many shards a launch of norm_batch_shards takes: their numbers of rows are arguments, because an upload cannot be
// part of a CUDA graph.
const shardsAtOnce = 16

func joinMomentsCUDA(s Stats, m *kernels.Array, rows []int, eps float64) {
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
		args := [8 + shardsAtOnce]kernels.Arg{
			kernels.Ptr(mean), kernels.Ptr(inv), kernels.Ptr(so), kernels.PtrAt(m, 2*c*first), kernels.F64(float64(before)),
			kernels.I32(len(some)), kernels.I32(c), kernels.F64(eps),
		}
		for i := range shardsAtOnce {
			args[8+i] = kernels.I32(0)
			if i < len(some) {
				args[8+i] = kernels.I32(some[i])
				before += some[i]
			}
		}
		dev.Launch(joinMomentsKernel, kernels.Elements(c), args[:]...)
	}
}

func batchNormInputCUDA(dx, dy, x, gamma, beta *kernels.Array, s Stats, total *kernels.Array, rows int) {
	if dx.Len() == 0 {
		return
	}
	dev, c := x.Device(), gamma.Len()
	coef := dev.Scratch(kernels.Float32, 2, c)
	defer coef.Free()
	dev.Launch(coefficientsKernel, kernels.Elements(c), kernels.Ptr(coef), kernels.Ptr(total), kernels.Ptr(gamma), kernels.Ptr(s.InvStd),
		kernels.F64(float64(rows)), kernels.I32(c))
	inputGradientCUDA(dx, dy, x, gamma, beta, nil, s, coef)
}
