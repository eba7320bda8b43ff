package bfloat

import "udml-gpu/kernels"

var (
	roundKernel  = kernels.NewKernel("bfloat_round")
	packKernel   = kernels.NewKernel("bfloat_pack")
	unpackKernel = kernels.NewKernel("bfloat_unpack")
)

func roundCUDA(x *kernels.Array) {
	if x.Len() > 0 {
		x.Device().Launch(roundKernel, kernels.Elements(x.Len()), kernels.Ptr(x), kernels.I64(x.Len()))
	}
}

func packCUDA(y, x *kernels.Array) {
	if x.Len() > 0 {
		x.Device().Launch(packKernel, kernels.Elements(x.Len()), kernels.Ptr(y), kernels.Ptr(x), kernels.I64(x.Len()))
	}
}

func unpackCUDA(x, y *kernels.Array) {
	if x.Len() > 0 {
		x.Device().Launch(unpackKernel, kernels.Elements(x.Len()), kernels.Ptr(x), kernels.Ptr(y), kernels.I64(x.Len()))
	}
}
