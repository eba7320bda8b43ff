package act

import "udml-gpu/kernels"

var (
	geluKernel         = kernels.NewStored("act_gelu")
	geluBackwardKernel = kernels.NewStored("act_gelu_backward")
)

func geluCUDA(y, x *kernels.Array, kind GELUKind) {
	if x.Len() > 0 {
		pack := kernels.Pack(x.Len(), y, x)
		x.Device().Launch(geluKernel.Of(x), kernels.Elements(x.Len()/pack), kernels.Ptr(y), kernels.Ptr(x), kernels.I64(x.Len()),
			kernels.I32(int(kind)), kernels.I32(pack))
	}
}

func geluBackwardCUDA(dx, dy, x *kernels.Array, kind GELUKind) {
	if x.Len() > 0 {
		pack := kernels.Pack(x.Len(), dx, dy, x)
		x.Device().Launch(geluBackwardKernel.Of(x), kernels.Elements(x.Len()/pack), kernels.Ptr(dx), kernels.Ptr(dy), kernels.Ptr(x),
			kernels.I64(x.Len()), kernels.I32(int(kind)), kernels.I32(pack))
	}
}
