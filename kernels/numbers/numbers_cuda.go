package numbers

import "udml-gpu/kernels"

var setKernel = kernels.NewKernel("numbers_set")

func setCUDA(dst *kernels.Array, words []uint64) {
	if len(words) == 0 {
		return
	}
	args := [2 + Most]kernels.Arg{kernels.Ptr(dst), kernels.I32(len(words))}
	for i := range Most {
		args[2+i] = kernels.U64(0)
		if i < len(words) {
			args[2+i] = kernels.U64(words[i])
		}
	}
	dst.Device().Launch(setKernel, kernels.Launch{Block: kernels.Dim{X: 32}}, args[:]...)
}
