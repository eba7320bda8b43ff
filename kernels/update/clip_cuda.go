package update

import "udml-gpu/kernels"

var (
	squaresListKernel = kernels.NewKernel("update_squares_list")
	clipFactorKernel  = kernels.NewKernel("update_clip_factor")
	scaleListKernel   = kernels.NewKernel("update_scale_list")
)

// clipCUDA leaves norm and factor on the device, where the third kernel reads the factor: the host never waits for it.
func (l *List) clipCUDA(norm *kernels.Array, most float64) {
	dev := norm.Device()
	part := dev.Scratch(kernels.Float64, l.chunks)
	if l.table != nil {
		dev.Launch(squaresListKernel, l.launch(), kernels.Ptr(part), kernels.Ptr(l.table))
	}
	dev.Launch(clipFactorKernel, kernels.Launch{Block: kernels.Dim{X: 1024}}, kernels.Ptr(norm), kernels.Ptr(part), kernels.I32(l.chunks),
		kernels.F64(most), kernels.F64(clipEps))
	if l.table != nil {
		dev.Launch(scaleListKernel, l.launch(), kernels.Ptr(l.table), kernels.Ptr(norm))
	}
	part.Free()
}
