package augment

import (
	"fmt"

	"udml-gpu/kernels"
)

// Normalise gives pixels the range and the channel order that a backbone was trained on:
//
//	y[...,c] = (255 x[...,c'] - mean[c]) / std[c],  c' = C-1-c with reverse, c without
//
// x: [...,C] in [0,1], float32 or float64; mean and std: [C] in grey levels of 0..255, in the order of y's channels: reverse
// makes BGR of RGB. y may be x, except with reverse, where it panics. It equals torchvision's Normalize with mean/255 and
// std/255; the relative error in float32 is below 1e-6 of 255/std. A GPU takes up to 8 channels.
func Normalise(y, x *kernels.Array, mean, std []float64, reverse bool) {
	kernels.WantShape("augment.Normalise", "y", y, x.Shape()...)
	kernels.WantType("augment.Normalise", "y", y, x.DType())
	channels := x.Dim(len(x.Shape()) - 1)
	if len(mean) != channels || len(std) != channels {
		panic(fmt.Sprintf("augment.Normalise: %d means and %d deviations for %d channels", len(mean), len(std), channels))
	}
	switch kernels.PathOf("augment.Normalise", y, x) {
	case kernels.OnGPU:
		normaliseCUDA(y, x, mean, std, reverse)
	case kernels.InFloat64:
		normalise(kernels.Data[float64](y), kernels.Data[float64](x), mean, std, reverse)
	case kernels.InFloat32:
		normalise(kernels.Data[float32](y), kernels.Data[float32](x), mean, std, reverse)
	}
}

// wantApart panics where a pixel's channels would be overwritten before they are read.
func wantApart(reverse, same bool) {
	if reverse && same {
		panic("augment.Normalise: channels cannot change places within one array")
	}
}
