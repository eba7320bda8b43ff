package backbone

import (
	"fmt"

	"udml-gpu/kernels/pool"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// squeezeNet is SqueezeNet 1.0 (Iandola et al. 2016) up to its last fire module, with torchvision's names.
// Its pretrained weights take RGB 0..255 minus the mean, without division.
var squeezeNet = Network{
	Name: "squeezenet", Channels: 512, Size: 80, MinSize: 21, Map: squeezeNetMap,
	Mean: []float64{123, 117, 104}, Std: []float64{1, 1, 1},
}

func squeezeNetMap(s *layer.Scope, x *tape.Var) *tape.Var {
	down := pool.Spec{Kernel: 3, Stride: 2, Ceil: true}
	x = layer.Conv2D(s, "features.0", x, layer.Conv{Out: 96, Kernel: 7, Stride: 2, ReLU: true})
	x = layer.MaxPool(s, x, down)
	for _, f := range []struct{ at, squeeze, expand int }{
		{3, 16, 64}, {4, 16, 64}, {5, 32, 128}, {7, 32, 128}, {8, 48, 192}, {9, 48, 192}, {10, 64, 256}, {12, 64, 256},
	} {
		if f.at == 7 || f.at == 12 {
			x = layer.MaxPool(s, x, down)
		}
		x = fire(s.In(fmt.Sprintf("features.%d", f.at)), x, f.squeeze, f.expand)
	}
	return x
}

// fire squeezes with a 1x1 convolution and expands with a 1x1 and a 3x3 side by side.
func fire(s *layer.Scope, x *tape.Var, squeeze, expand int) *tape.Var {
	x = layer.Conv2D(s, "squeeze", x, layer.Conv{Out: squeeze, Kernel: 1, ReLU: true})
	a := layer.Conv2D(s, "expand1x1", x, layer.Conv{Out: expand, Kernel: 1, ReLU: true})
	b := layer.Conv2D(s, "expand3x3", x, layer.Conv{Out: expand, Kernel: 3, Pad: 1, ReLU: true})
	return layer.Concat(s, a, b)
}
