package act

import "udml-gpu/kernels"

var (
	reluKernel         = kernels.NewStored("act_relu")
	reluBackwardKernel = kernels.NewStored("act_relu_backward")
)

func reluCUDA(y, x *kernels.Array) {
	if x.Len() > 0 {
		pack := kernels.Pack(x.Len(), y, x)
		x.Device().Launch(reluKernel.Of(x), kernels.Elements(x.Len()/pack), kernels.Ptr(y), kernels.Ptr(x), kernels.I64(x.Len()),
			kernels.I32(pack))
	}
}

func reluBackwardCUDA(dx, dy, y *kernels.Array) { gradientCUDA(reluBackwardKernel.Of(dx), dx, dy, y) }

// gradientCUDA launches a kernel that computes dx from dy and the op's output, element by element.
func gradientCUDA(k *kernels.Kernel, dx, dy, y *kernels.Array) {
	if y.Len() > 0 {
		pack := kernels.Pack(y.Len(), dx, dy, y)
		y.Device().Launch(k, kernels.Elements(y.Len()/pack), kernels.Ptr(dx), kernels.Ptr(dy), kernels.Ptr(y), kernels.I64(y.Len()),
			kernels.I32(pack))
	}
}
