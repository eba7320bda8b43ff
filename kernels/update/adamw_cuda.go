package update

import (
	"math"

	"udml-gpu/kernels"
)

var (
	adamWKernel     = kernels.NewKernel("update_adamw")
	adamWListKernel = kernels.NewKernel("update_adamw_list")
)

// adamArgs are the numbers of a step, the same for every parameter, as both kernels take them.
func adamArgs(o AdamWOptions, step int) [7]kernels.Arg {
	return [...]kernels.Arg{
		kernels.F64(o.LR / (1 - math.Pow(o.Beta1, float64(step)))), kernels.F64(o.LR * o.WeightDecay),
		kernels.F32(1 - o.Beta1), kernels.F32(o.Beta2), kernels.F32(1 - o.Beta2), kernels.F32(o.Eps),
		kernels.F32(1 / math.Sqrt(1-math.Pow(o.Beta2, float64(step)))),
	}
}

func adamWCUDA(p, g, m, v *kernels.Array, o AdamWOptions, step int, skip *kernels.Array) {
	if p.Len() == 0 {
		return
	}
	a := adamArgs(o, step)
	p.Device().Launch(adamWKernel, chunkLaunch(kernels.Blocks(p.Len(), chunkSize)), kernels.Ptr(p), kernels.Ptr(g), kernels.Ptr(m),
		kernels.Ptr(v), kernels.I64(p.Len()), a[0], a[1], a[2], a[3], a[4], a[5], a[6], kernels.Ptr(skip))
}

func (l *List) adamWCUDA(o AdamWOptions, step int, skip *kernels.Array) {
	a := adamArgs(o, step)
	l.table.Device().Launch(adamWListKernel, l.launch(), kernels.Ptr(l.table), a[0], a[1], a[2], a[3], a[4], a[5], a[6], kernels.Ptr(skip))
}
