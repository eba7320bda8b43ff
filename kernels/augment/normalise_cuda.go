package augment

import (
	"fmt"

	"udml-gpu/kernels"
)

var normaliseKernel = kernels.NewKernel("augment_normalise")

// mostChannels is how many means and deviations the kernel takes, as arguments: images have at most four.
const mostChannels = 8

// normaliseArgs is how many arguments stand before them.
const normaliseArgs = 6

func normaliseCUDA(y, x *kernels.Array, mean, std []float64, reverse bool) {
	channels, n := len(mean), x.Len()
	if channels > mostChannels {
		panic(fmt.Sprintf("augment.Normalise: %v has %d channels; a GPU takes at most %d", x, channels, mostChannels))
	}
	if n == 0 {
		return
	}
	wantApart(reverse, y.Address() == x.Address())
	fours := 0
	if (y.Address()|x.Address())%16 == 0 && !reverse { // four neighbours of y do not come from four of x
		fours = n / 4
	}
	args := [normaliseArgs + 2*mostChannels]kernels.Arg{
		kernels.Ptr(y), kernels.Ptr(x), kernels.I64(n), kernels.I64(fours), kernels.I32(channels), kernels.Bool(reverse),
	}
	for c := range mostChannels {
		m, factor := 0.0, 0.0
		if c < channels {
			m, factor = mean[c], 1/std[c]
		}
		args[normaliseArgs+c], args[normaliseArgs+mostChannels+c] = kernels.F32(m), kernels.F32(factor)
	}
	y.Device().Launch(normaliseKernel, kernels.Elements((n+3)/4), args[:]...)
}
