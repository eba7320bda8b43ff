package backbone

import (
	"fmt"

	"udml-gpu/kernels/pool"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// resNet18 and resNet50 are ResNets (He et al. 2016) up to their last block, with torchvision's names and input.
var (
	resNet18 = Network{
		Name: "resnet18", Channels: 512, Size: 224, MinSize: 32, Forward: ofMap(resNetMap(basicBlock, 2, 2, 2, 2)),
		Range: 1, Mean: imageNetMean, Std: imageNetStd, Published: torchvision + "resnet18-f37072fd.pth", Rename: resNetName,
		Blocks: resNetBlocks(2, 2, 2, 2), Residual: true,
	}
	resNet50 = Network{
		Name: "resnet50", Channels: 2048, Size: 224, MinSize: 32, Forward: ofMap(resNetMap(bottleneck, 3, 4, 6, 3)),
		Range: 1, Mean: imageNetMean, Std: imageNetStd, Published: torchvision + "resnet50-0676ba61.pth", Rename: resNetName,
		Blocks: resNetBlocks(3, 4, 6, 3), Residual: true,
	}
)

// residual is the block that a ResNet repeats; width is that of its 3x3 convolutions.
type residual func(s *layer.Scope, x *tape.Var, width, stride int, at layer.Depth) *tape.Var

// resNetMap is the pass of a ResNet with so many blocks in each of its stages.
func resNetMap(block residual, blocks ...int) func(*layer.Scope, *tape.Var) *tape.Var {
	return func(s *layer.Scope, x *tape.Var) *tape.Var {
		x = layer.Conv2D(s, "conv1", x, layer.Conv{Out: 64, Kernel: 7, Stride: 2, Pad: 3, NoBias: true})
		x = layer.BatchNorm(s, "bn1", x, layer.Norm{ReLU: true})
		x = layer.MaxPool(s, x, pool.Spec{Kernel: 3, Stride: 2, Pad: 1})
		at := layer.Depth{Of: len(resNetBlocks(blocks...))}
		for stage, count := range blocks {
			for i := range count {
				stride := 1
				if stage > 0 && i == 0 {
					stride = 2
				}
				x = block(s.In(fmt.Sprintf("layer%d.%d", stage+1, i)), x, 64<<stage, stride, at)
				at.Block++
			}
		}
		return x
	}
}

// resNetBlocks are the blocks of a ResNet with so many in each of its stages.
func resNetBlocks(blocks ...int) []string {
	var list []string
	for stage, count := range blocks {
		for i := range count {
			list = append(list, fmt.Sprintf("layer%d.%d.", stage+1, i))
		}
	}
	return list
}

// basicBlock is two 3x3 convolutions beside the shortcut.
func basicBlock(s *layer.Scope, x *tape.Var, width, stride int, at layer.Depth) *tape.Var {
	y := layer.Conv2D(s, "conv1", x, layer.Conv{Out: width, Kernel: 3, Stride: stride, Pad: 1, NoBias: true})
	y = layer.BatchNorm(s, "bn1", y, layer.Norm{ReLU: true})
	y = layer.Conv2D(s, "conv2", y, layer.Conv{Out: width, Kernel: 3, Pad: 1, NoBias: true})
	y = layer.BatchNorm(s, "bn2", y, layer.Norm{})
	return layer.ReLU(s, layer.Add(s, layer.Branch(s, y, at.Block, at), shortcut(s, x, width, stride)))
}

// bottleneck is a 3x3 convolution between two of 1x1, the last with four times the channels, beside the shortcut. The
// stride is on the 3x3, as torchvision has it; He et al. put it on the first 1x1.
func bottleneck(s *layer.Scope, x *tape.Var, width, stride int, at layer.Depth) *tape.Var {
	y := layer.Conv2D(s, "conv1", x, layer.Conv{Out: width, Kernel: 1, NoBias: true})
	y = layer.BatchNorm(s, "bn1", y, layer.Norm{ReLU: true})
	y = layer.Conv2D(s, "conv2", y, layer.Conv{Out: width, Kernel: 3, Stride: stride, Pad: 1, NoBias: true})
	y = layer.BatchNorm(s, "bn2", y, layer.Norm{ReLU: true})
	y = layer.Conv2D(s, "conv3", y, layer.Conv{Out: 4 * width, Kernel: 1, NoBias: true})
	y = layer.BatchNorm(s, "bn3", y, layer.Norm{})
	return layer.ReLU(s, layer.Add(s, layer.Branch(s, y, at.Block, at), shortcut(s, x, 4*width, stride)))
}

// shortcut is the identity, or a 1x1 convolution where the block changes the shape.
func shortcut(s *layer.Scope, x *tape.Var, out, stride int) *tape.Var {
	if stride == 1 && x.Dim(3) == out {
		return x
	}
	x = layer.Conv2D(s, "downsample.0", x, layer.Conv{Out: out, Kernel: 1, Stride: stride, NoBias: true})
	return layer.BatchNorm(s, "downsample.1", x, layer.Norm{})
}
