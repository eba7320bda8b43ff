package backbone

import (
	"udml-gpu/kernels/pool"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// googLeNet is GoogLeNet (Szegedy et al. 2015) as torchvision has it, up to its last inception module and without the
// auxiliary classifiers: batch norm, no biases, and 3x3 where the paper has 5x5.
//
// torchvision's pretrained weights take pixels in [-1,1], which its transform_input computes from an input normalised with
// ImageNet's mean and deviation. Both steps together are (x - 0.5) / 0.5: Mean and Std here.
var googLeNet = Network{
	Name: "googlenet", Channels: 1024, Size: 224, MinSize: 15, Forward: ofMap(googLeNetMap),
	Range: 1, Mean: []float64{0.5, 0.5, 0.5}, Std: []float64{0.5, 0.5, 0.5},
	Published: torchvision + "googlenet-1378be20.pth",
	Blocks:    inceptionBlocks(func(name string) string { return name + "." }),
}

// inceptions are GoogLeNet's modules after the stem, in order.
var inceptions = []struct {
	name string
	to   inceptionWidths
	down int // side of the max pooling before the module; 0: none
}{
	{"inception3a", inceptionWidths{64, 96, 128, 16, 32, 32}, 3},
	{"inception3b", inceptionWidths{128, 128, 192, 32, 96, 64}, 0},
	{"inception4a", inceptionWidths{192, 96, 208, 16, 48, 64}, 3},
	{"inception4b", inceptionWidths{160, 112, 224, 24, 64, 64}, 0},
	{"inception4c", inceptionWidths{128, 128, 256, 24, 64, 64}, 0},
	{"inception4d", inceptionWidths{112, 144, 288, 32, 64, 64}, 0},
	{"inception4e", inceptionWidths{256, 160, 320, 32, 128, 128}, 0},
	{"inception5a", inceptionWidths{256, 160, 320, 32, 128, 128}, 2},
	{"inception5b", inceptionWidths{384, 192, 384, 48, 128, 128}, 0},
}

// inceptionBlocks are the modules, called as name says.
func inceptionBlocks(name func(string) string) []string {
	var list []string
	for _, m := range inceptions {
		list = append(list, name(m.name))
	}
	return list
}

// inceptionWidths are the channels of each branch of a module, and of the 1x1 convolution that leads into it (in).
type inceptionWidths struct{ one, inA, a, inB, b, pooled int }

func googLeNetMap(s *layer.Scope, x *tape.Var) *tape.Var {
	x = convNorm(s, "conv1", x, layer.Conv{Out: 64, Kernel: 7, Stride: 2, Pad: 3})
	x = layer.MaxPool(s, x, pool.Spec{Kernel: 3, Stride: 2, Ceil: true})
	x = convNorm(s, "conv2", x, layer.Conv{Out: 64, Kernel: 1})
	x = convNorm(s, "conv3", x, layer.Conv{Out: 192, Kernel: 3, Pad: 1})
	for _, m := range inceptions {
		if m.down > 0 {
			x = layer.MaxPool(s, x, pool.Spec{Kernel: m.down, Stride: 2, Ceil: true})
		}
		x = inceptionModule(s.In(m.name), x, m.to)
	}
	return x
}

// inception is four branches side by side: 1x1, two of 1x1 then 3x3, and max pooling then 1x1.
func inception(s *layer.Scope, x *tape.Var, to inceptionWidths) *tape.Var {
	one := convNorm(s, "branch1", x, layer.Conv{Out: to.one, Kernel: 1})
	a := convNorm(s, "branch2.0", x, layer.Conv{Out: to.inA, Kernel: 1})
	a = convNorm(s, "branch2.1", a, layer.Conv{Out: to.a, Kernel: 3, Pad: 1})
	b := convNorm(s, "branch3.0", x, layer.Conv{Out: to.inB, Kernel: 1})
	b = convNorm(s, "branch3.1", b, layer.Conv{Out: to.b, Kernel: 3, Pad: 1})
	pooled := layer.MaxPool(s, x, pool.Spec{Kernel: 3, Stride: 1, Pad: 1, Ceil: true})
	pooled = convNorm(s, "branch4.1", pooled, layer.Conv{Out: to.pooled, Kernel: 1})
	return layer.Concat(s, one, a, b, pooled)
}

// basicNormEps is the eps of torchvision's BasicConv2d.
const basicNormEps = 1e-3

// convNorm is torchvision's BasicConv2d: a convolution without biases, batch norm, ReLU.
func convNorm(s *layer.Scope, name string, x *tape.Var, c layer.Conv) *tape.Var {
	c.NoBias = true
	x = layer.Conv2D(s.In(name), "conv", x, c)
	return layer.BatchNorm(s.In(name), "bn", x, layer.Norm{ReLU: true, Eps: basicNormEps})
}
