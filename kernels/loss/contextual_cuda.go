package loss

import "udml-gpu/kernels"

var (
	contextualNearKernel   = kernels.NewKernel("loss_contextual_near")
	contextualMutualKernel = kernels.NewKernel("loss_contextual_mutual")
	contextualShareKernel  = kernels.NewKernel("loss_contextual_share")
	contextualExpandKernel = kernels.NewKernel("loss_contextual_expand")
	contextualMixKernel    = kernels.NewKernel("loss_contextual_mix")
)

func contextualCUDA(w, s, sample *kernels.Array, sigma float64, k, half int) {
	dev, n := s.Device(), s.Dim(0)
	near, mutual := dev.Scratch(kernels.Int32, n, k), dev.Scratch(kernels.Int32, n, k)
	shared, expanded := dev.Scratch(kernels.Float64, n, k), dev.Scratch(kernels.Float64, n, n)
	rows, wide := kernels.I32(n), kernels.I32(k)
	l := kernels.Launch{Grid: kernels.Dim{X: n}, Block: kernels.Dim{X: scoreThreads}}
	dev.Launch(contextualNearKernel, l, kernels.Ptr(near), kernels.Ptr(s), kernels.Ptr(sample), rows, wide)
	dev.Launch(contextualMutualKernel, l, kernels.Ptr(mutual), kernels.Ptr(near), wide)
	dev.Launch(contextualShareKernel, l, kernels.Ptr(shared), kernels.Ptr(mutual), wide)
	dev.Launch(contextualExpandKernel, l, kernels.Ptr(expanded), kernels.Ptr(near), kernels.Ptr(mutual), kernels.Ptr(shared), rows, wide,
		kernels.I32(half))
	dev.Launch(contextualMixKernel, l, kernels.Ptr(w), kernels.Ptr(s), kernels.Ptr(expanded), rows, kernels.F64(sigma))
	for _, a := range []*kernels.Array{near, mutual, shared, expanded} {
		a.Free()
	}
}
