package bfloat

import (
	"encoding/binary"

	"udml-gpu/kernels"
)

var (
	roundKernel    = kernels.NewKernel("bfloat_round")
	packListKernel = kernels.NewKernel("bfloat_pack_list")
	packKernel     = kernels.NewKernel("bfloat_pack")
	unpackKernel   = kernels.NewKernel("bfloat_unpack")
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

// packListThreads and packListBlocks are a block of bfloat_pack_list, and the most that an array gets.
const packListThreads, packListBlocks = 256, 64

func packAllCUDA(ys, xs []*kernels.Array) {
	dev, pack, longest := xs[0].Device(), 4, 0
	var list []byte
	for i, x := range xs {
		pack, longest = min(pack, kernels.Pack(x.Len(), ys[i], x)), max(longest, x.Len())
		for _, v := range []uint64{ys[i].Address(), x.Address(), uint64(x.Len())} {
			list = binary.LittleEndian.AppendUint64(list, v)
		}
	}
	launch := kernels.Launch{
		Grid:  kernels.Dim{X: min(kernels.Blocks(longest, pack*packListThreads), packListBlocks), Y: len(xs)},
		Block: kernels.Dim{X: packListThreads},
	}
	dev.Launch(packListKernel, launch, kernels.Ptr(kernels.Constant(dev, list)), kernels.I32(pack))
}
