package act

import "udml-gpu/kernels"

var (
	sigmoidKernel         = kernels.NewKernel("act_sigmoid")
	sigmoidBackwardKernel = kernels.NewKernel("act_sigmoid_backward")
)

func sigmoidCUDA(y, x *kernels.Array) {
	if x.Len() > 0 {
		pack := kernels.Pack(x.Len(), y, x)
		x.Device().Launch(sigmoidKernel, kernels.Elements(x.Len()/pack), kernels.Ptr(y), kernels.Ptr(x), kernels.I64(x.Len()),
			kernels.I32(pack))
	}
}

func sigmoidBackwardCUDA(dx, dy, y *kernels.Array) { gradientCUDA(sigmoidBackwardKernel, dx, dy, y) }
