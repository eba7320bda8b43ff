package act

import "udml-gpu/kernels"

var (
	swigluKernel         = kernels.NewStored("act_swiglu")
	swigluBackwardKernel = kernels.NewStored("act_swiglu_backward")
)

func swigluCUDA(y, gate, up *kernels.Array) {
	if y.Len() > 0 {
		pack := kernels.Pack(y.Len(), y, gate, up)
		y.Device().Launch(swigluKernel.Of(y), kernels.Elements(y.Len()/pack), kernels.Ptr(y), kernels.Ptr(gate), kernels.Ptr(up),
			kernels.I64(y.Len()), kernels.I32(pack))
	}
}

func swigluBackwardCUDA(dgate, dup, dy, gate, up *kernels.Array) {
	if dy.Len() > 0 {
		pack := kernels.Pack(dy.Len(), dgate, dup, dy, gate, up)
		dy.Device().Launch(swigluBackwardKernel.Of(dy), kernels.Elements(dy.Len()/pack), kernels.Ptr(dgate), kernels.Ptr(dup),
			kernels.Ptr(dy), kernels.Ptr(gate), kernels.Ptr(up), kernels.I64(dy.Len()), kernels.I32(pack))
	}
}
