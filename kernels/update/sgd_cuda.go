package update

import "udml-gpu/kernels"

var (
	sgdKernel     = kernels.NewKernel("update_sgd")
	sgdListKernel = kernels.NewKernel("update_sgd_list")
)

// sgdFactors are keep and take of a step: on the first, the momentum is the gradient itself.
func sgdFactors(o SGDOptions, first bool) (keep, take float64) {
	if first {
		return 0, 1
	}
	return o.Momentum, 1 - o.Dampening
}

func sgdCUDA(p, g, m *kernels.Array, o SGDOptions, first bool, skip *kernels.Array) {
	if p.Len() == 0 {
		return
	}
	if o.Momentum == 0 {
		m = nil
	}
	keep, take := sgdFactors(o, first)
	p.Device().Launch(sgdKernel, chunkLaunch(kernels.Blocks(p.Len(), chunkSize)), kernels.Ptr(p), kernels.Ptr(g), kernels.Ptr(m),
		kernels.I64(p.Len()), kernels.F64(o.LR), kernels.F32(keep), kernels.F32(take), kernels.F32(o.WeightDecay), kernels.F32(o.Momentum),
		kernels.Bool(o.Nesterov), kernels.Bool(first), kernels.Ptr(skip))
}

func (l *List) sgdCUDA(o SGDOptions, numbers, skip *kernels.Array) {
	l.table.Device().Launch(sgdListKernel, l.launch(), kernels.Ptr(l.table), kernels.Ptr(numbers), kernels.F32(o.Momentum),
		kernels.F32(1-o.Dampening), kernels.F32(o.WeightDecay), kernels.F32(o.Momentum), kernels.Bool(o.Nesterov && o.Momentum != 0),
		kernels.Ptr(skip))
}
