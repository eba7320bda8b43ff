package backbone

import (
	"fmt"

	"udml-gpu/kernels/pool"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// resNet18 is ResNet-18 (He et al. 2016) up to its last block, with torchvision's names and input.
var resNet18 = Network{
	Name: "resnet18", Channels: 512, Size: 96, MinSize: 32, Map: resNet18Map,
	Mean: []float64{0.485 * 255, 0.456 * 255, 0.406 * 255}, Std: []float64{0.229 * 255, 0.224 * 255, 0.225 * 255},
}

func resNet18Map(s *layer.Scope, x *tape.Var) *tape.Var {
	x = layer.Conv2D(s, "conv1", x, layer.Conv{Out: 64, Kernel: 7, Stride: 2, Pad: 3, NoBias: true})
	x = layer.BatchNorm(s, "bn1", x, layer.Norm{ReLU: true})
	x = layer.MaxPool(s, x, pool.Spec{Kernel: 3, Stride: 2, Pad: 1})
	for stage := range 4 {
		for block := range 2 {
			stride := 1
			if stage > 0 && block == 0 {
				stride = 2
			}
			x = basicBlock(s.In(fmt.Sprintf("layer%d.%d", stage+1, block)), x, 64<<stage, stride)
		}
	}
	return x
}

// basicBlock is two 3x3 convolutions beside the identity, or beside a 1x1 convolution where the shape changes.
func basicBlock(s *layer.Scope, x *tape.Var, out, stride int) *tape.Var {
	y := layer.Conv2D(s, "conv1", x, layer.Conv{Out: out, Kernel: 3, Stride: stride, Pad: 1, NoBias: true})
	y = layer.BatchNorm(s, "bn1", y, layer.Norm{ReLU: true})
	y = layer.Conv2D(s, "conv2", y, layer.Conv{Out: out, Kernel: 3, Pad: 1, NoBias: true})
	y = layer.BatchNorm(s, "bn2", y, layer.Norm{})
	if stride != 1 || x.Dim(3) != out {
		x = layer.Conv2D(s, "downsample.0", x, layer.Conv{Out: out, Kernel: 1, Stride: stride, NoBias: true})
		x = layer.BatchNorm(s, "downsample.1", x, layer.Norm{})
	}
	return layer.ReLU(s, layer.Add(s, y, x))
}
