package act

import "udml-gpu/kernels"

var (
	relu6Kernel         = kernels.NewStored("act_relu6")
	relu6BackwardKernel = kernels.NewStored("act_relu6_backward")
)

func relu6CUDA(y, x *kernels.Array) {
	if x.Len() > 0 {
		pack := kernels.Pack(x.Len(), y, x)
		x.Device().Launch(relu6Kernel.Of(x), kernels.Elements(x.Len()/pack), kernels.Ptr(y), kernels.Ptr(x), kernels.I64(x.Len()),
			kernels.I32(pack))
	}
}

func relu6BackwardCUDA(dx, dy, y *kernels.Array) { gradientCUDA(relu6BackwardKernel.Of(dx), dx, dy, y) }
