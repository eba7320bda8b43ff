package backbone

import (
	"fmt"

	"udml-gpu/kernels/act"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// ConvNeXt T, S and B (Liu et al. 2022) up to their pooled features, with timm's names. The published features are the mean of the map and
// then a layer norm, whose parameters belong to the network. DINOv3's ConvNeXts are the same networks with other weights.
var (
	convNeXtTiny     = convNeXt("convnext_tiny", convNeXtTinyForm)
	convNeXtTinyForm = convNeXtForm{width: 96, blocks: []int{3, 3, 9, 3}, eps: convNeXtEps, gelu: act.GELUErf}
	convNeXtSmall    = convNeXt("convnext_small", convNeXtSmallForm)
	convNeXtBase     = convNeXt("convnext_base", convNeXtBaseForm)

	convNeXtSmallForm = convNeXtForm{width: 96, blocks: []int{3, 3, 27, 3}, eps: convNeXtEps, gelu: act.GELUErf}
	convNeXtBaseForm  = convNeXtForm{width: 128, blocks: []int{3, 3, 27, 3}, eps: convNeXtEps, gelu: act.GELUErf}
)

// convNeXtEps is what its layer norms add to the variance, and convNeXtGamma what the scales of its branches start with.
const convNeXtEps, convNeXtGamma = 1e-6, 1e-6

// convNeXtForm is a network: the channels of its first stage, which double in each of the next, the blocks of each, what its layer norms
// add to the variance, and the form of its GELU.
type convNeXtForm struct {
	width  int
	blocks []int
	eps    float64
	gelu   act.GELUKind
}

func convNeXt(name string, f convNeXtForm) Network {
	return Network{
		Name: name, Channels: f.width << (len(f.blocks) - 1), Size: 224, MinSize: 32,
		Range: 1, Mean: imageNetMean, Std: imageNetStd,
		Published: "timm's are https://huggingface.co/timm/" + name + ".fb_in1k", Rename: convNeXtName, Residual: true,
		Blocks: f.begins(), Behind: "head.norm.",
		Forward: func(s *layer.Scope, x *tape.Var) Output {
			return Output{Map: f.record(s, x), Last: f.last}
		},
	}
}

// record is the pass of the network, which cuts the image into patches of 4 x 4, and between stages into patches of 2 x 2.
func (f convNeXtForm) record(s *layer.Scope, x *tape.Var) *tape.Var {
	x = layer.Conv2D(s, "stem.0", x, layer.Conv{Out: f.width, Kernel: 4, Stride: 4})
	x = layer.LayerNorm(s, "stem.1", x, f.eps)
	at := layer.Depth{Of: len(f.begins())}
	for i, count := range f.blocks {
		in := s.In(fmt.Sprintf("stages.%d", i))
		if i > 0 {
			x = layer.LayerNorm(in, "downsample.0", x, f.eps)
			x = layer.Conv2D(in, "downsample.1", x, layer.Conv{Out: f.width << i, Kernel: 2, Stride: 2})
		}
		for j := range count {
			x = f.block(in.In(fmt.Sprintf("blocks.%d", j)), x, at)
			at.Block++
		}
	}
	return x
}

// begins are how the names of the blocks' first parameters begin. What makes a map smaller belongs to the block behind it.
func (f convNeXtForm) begins() []string {
	var list []string
	for i, count := range f.blocks {
		for j := range count {
			list = append(list, fmt.Sprintf("stages.%d.blocks.%d.", i, j))
		}
		if i > 0 {
			list[len(list)-count] = fmt.Sprintf("stages.%d.downsample.", i)
		}
	}
	return list
}

// block is a 7x7 convolution of each channel by itself and a perceptron of four times the width on each pixel, beside the identity.
func (f convNeXtForm) block(s *layer.Scope, x *tape.Var, at layer.Depth) *tape.Var {
	c := x.Dim(3)
	y := layer.Depthwise2D(s, "conv_dw", x, layer.Depthwise{Kernel: 7, PadBefore: 3, PadAfter: 3})
	y = layer.LayerNorm(s, "norm", y, f.eps)
	y = layer.GELU(s, layer.Pointwise(s, "mlp.fc1", y, 4*c), f.gelu)
	y = layer.Pointwise(s, "mlp.fc2", y, c)
	return layer.ScaleAdd(s, "gamma", x, layer.Branch(s, y, at.Block, at), convNeXtGamma)
}

// last is the norm of pooled features.
func (f convNeXtForm) last(s *layer.Scope, pooled *tape.Var) *tape.Var {
	return layer.LayerNorm(s, "head.norm", pooled, f.eps)
}
