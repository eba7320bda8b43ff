package augment

import (
	"fmt"

	"udml-gpu/kernels"
)

var normaliseKernel = kernels.NewKernel("augment_normalise")

// mostChannels is how many means and deviations the kernel takes, as arguments: images have at most four.
const mostChannels = 8

func normaliseCUDA(y, x *kernels.Array, mean, std []float64) {
	channels, n := len(mean), x.Len()
	if channels > mostChannels {
		panic(fmt.Sprintf("augment.Normalise: %v has %d channels; a GPU takes at most %d", x, channels, mostChannels))
	}
	if n == 0 {
		return
	}
	fours := 0
	if (kernels.Ptr(y)|kernels.Ptr(x))%16 == 0 {
		fours = n / 4
	}
	args := [5 + 2*mostChannels]kernels.Arg{kernels.Ptr(y), kernels.Ptr(x), kernels.I64(n), kernels.I64(fours), kernels.I32(channels)}
	for c := range channels {
		args[5+c], args[5+mostChannels+c] = kernels.F32(mean[c]), kernels.F32(1/std[c])
	}
	y.Device().Launch(normaliseKernel, kernels.Elements((n+3)/4), args[:]...)
}
