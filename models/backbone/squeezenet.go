package backbone

import (
	"fmt"
	"slices"

	"udml-gpu/kernels/pool"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
	"udml-gpu/models/weights/pretrained"
)

// squeezeNet and squeezeNet11 are SqueezeNet 1.0 (Iandola et al. 2016) and 1.1 (the authors' later release, 2.4 times
// less work) up to the last fire module, with torchvision's names. The pretrained weights of 1.0 built in here take RGB
// 0..255 minus the mean, without division; those of 1.1 are torchvision's and take its input.
var (
	squeezeNet = Network{
		Name: "squeezenet", Channels: 512, Size: 224, MinSize: 21, Stages: squeezeNetStages, Taken: 4,
		Forward: squeezeNetMap(layer.Conv{Out: 96, Kernel: 7, Stride: 2, ReLU: true}, squeezeNetFires...),
		Blocks:  numbered("features.%d.", squeezeNetFires...),
		Range:   255, Mean: []float64{123, 117, 104}, Std: []float64{1, 1, 1},
		BuiltIn: pretrained.SqueezeNet,
	}
	squeezeNet11 = Network{
		Name: "squeezenet1_1", Channels: 512, Size: 224, MinSize: 17, Stages: squeezeNetStages, Taken: 4,
		Forward: squeezeNetMap(layer.Conv{Out: 64, Kernel: 3, Stride: 2, ReLU: true}, squeezeNet11Fires...),
		Blocks:  numbered("features.%d.", squeezeNet11Fires...),
		Range:   1, Mean: imageNetMean, Std: imageNetStd, Published: torchvision + "squeezenet1_1-b8a52dc0.pth",
	}
)

// squeezeNetFires and squeezeNet11Fires are the places of the fire modules in torchvision's list of features.
var (
	squeezeNetFires   = []int{3, 4, 5, 7, 8, 9, 10, 12}
	squeezeNet11Fires = []int{3, 4, 6, 7, 9, 10, 11, 12}
)

// squeezeNetStages are the channels of the maps of the second, fourth, sixth and seventh fire module.
var squeezeNetStages = []int{128, 256, 384, 512}

// squeezeNetMap is the pass of a SqueezeNet whose fire modules have these places in torchvision's list of features. A
// place left out between two of them is that of a max pooling, as are the ReLU and the pooling before the first.
func squeezeNetMap(first layer.Conv, places ...int) func(*layer.Scope, *tape.Var) Output {
	down := pool.Spec{Kernel: 3, Stride: 2, Ceil: true}
	return func(s *layer.Scope, x *tape.Var) (out Output) {
		x = layer.MaxPool(s, layer.Conv2D(s, "features.0", x, first), down)
		for i, at := range places {
			if i > 0 && at > places[i-1]+1 {
				x = layer.MaxPool(s, x, down)
			}
			squeeze := 16 * (i/2 + 1)
			x = fire(s.In(fmt.Sprintf("features.%d", at)), x, squeeze, 4*squeeze)
			if slices.Contains([]int{1, 3, 5, 6}, i) {
				out.Stages = append(out.Stages, x)
			}
		}
		out.Map = x
		return out
	}
}

// fire squeezes with a 1x1 convolution and expands with a 1x1 and a 3x3 side by side.
func fire(s *layer.Scope, x *tape.Var, squeeze, expand int) *tape.Var {
	x = layer.Conv2D(s, "squeeze", x, layer.Conv{Out: squeeze, Kernel: 1, ReLU: true})
	a := layer.Conv2D(s, "expand1x1", x, layer.Conv{Out: expand, Kernel: 1, ReLU: true})
	b := layer.Conv2D(s, "expand3x3", x, layer.Conv{Out: expand, Kernel: 3, Pad: 1, ReLU: true})
	return layer.Concat(s, a, b)
}
