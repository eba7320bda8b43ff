package update

import "udml-gpu/kernels"

var (
	adamWKernel     = kernels.NewKernel("update_adamw")
	adamWListKernel = kernels.NewKernel("update_adamw_list")
)

// adamArgs are the numbers of a step as the kernel of one parameter takes them.
func adamArgs(o AdamWOptions, step int) [7]kernels.Arg {
	n := o.Numbers(step)
	return [...]kernels.Arg{
		kernels.F64(n[2]), kernels.F64(o.LR * o.WeightDecay),
		kernels.F32(1 - o.Beta1), kernels.F32(o.Beta2), kernels.F32(1 - o.Beta2), kernels.F32(o.Eps), kernels.F32(n[3]),
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

func (l *List) adamWCUDA(o AdamWOptions, numbers, skip *kernels.Array) {
	l.table.Device().Launch(adamWListKernel, l.launch(), kernels.Ptr(l.table), kernels.Ptr(numbers), kernels.F64(o.WeightDecay),
		kernels.F32(1-o.Beta1), kernels.F32(o.Beta2), kernels.F32(1-o.Beta2), kernels.F32(o.Eps), kernels.Ptr(skip))
}
