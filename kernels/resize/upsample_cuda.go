package resize

import "udml-gpu/kernels"

var (
	upsampleKernel         = kernels.NewKernel("resize_upsample2")
	upsampleBackwardKernel = kernels.NewKernel("resize_upsample2_backward")
)

func upsample2CUDA(y, x *kernels.Array) { doubleCUDA(upsampleKernel, y, x, x) }

func upsample2BackwardCUDA(dx, dy *kernels.Array) { doubleCUDA(upsampleBackwardKernel, dx, dy, dx) }

// doubleCUDA launches a kernel with its output and input, of which small is the smaller one.
func doubleCUDA(k *kernels.Kernel, out, in, small *kernels.Array) {
	if small.Len() == 0 {
		return
	}
	lines, w, c := small.Dim(0)*small.Dim(1), small.Dim(2), small.Dim(3)
	pack := kernels.Pack(c, out, in)
	out.Device().Launch(k, kernels.Lines(w*c/pack, lines), kernels.Ptr(out), kernels.Ptr(in), kernels.I32(lines), kernels.I32(w),
		kernels.I32(c), kernels.I32(pack))
}
