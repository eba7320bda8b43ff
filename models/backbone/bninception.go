package backbone

import (
	"udml-gpu/kernels/pool"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// bnInception is Inception with batch norm (Ioffe and Szegedy 2015) up to its last module, with the names and the input of
// the port that metric learning uses (pretrained-models.pytorch): convolutions keep their biases in front of the batch
// norms. Its running statistics move by torch's 0.1 here; the port writes momentum 0.9, which means the same in Caffe.
var bnInception = Network{
	Name: "bninception", Channels: 1024, Size: 224, MinSize: 7, Forward: ofMap(bnInceptionMap),
	Range: 255, BGR: true, Mean: []float64{104, 117, 128}, Std: []float64{1, 1, 1},
	Published: "see docs/backbones.md", Blocks: bnInceptionBlocks(),
}

// bnInceptions are the modules after the stem, in order.
var bnInceptions = []struct {
	name string
	to   bnInceptionWidths
}{
	{"inception_3a", bnInceptionWidths{64, 64, 64, 64, 96, 32}},
	{"inception_3b", bnInceptionWidths{64, 64, 96, 64, 96, 64}},
	{"inception_3c", bnInceptionWidths{0, 128, 160, 64, 96, 0}},
	{"inception_4a", bnInceptionWidths{224, 64, 96, 96, 128, 128}},
	{"inception_4b", bnInceptionWidths{192, 96, 128, 96, 128, 128}},
	{"inception_4c", bnInceptionWidths{160, 128, 160, 128, 160, 128}},
	{"inception_4d", bnInceptionWidths{96, 128, 192, 160, 192, 128}},
	{"inception_4e", bnInceptionWidths{0, 128, 192, 192, 256, 0}},
	{"inception_5a", bnInceptionWidths{352, 192, 320, 160, 224, 128}},
	{lastInception, bnInceptionWidths{352, 192, 320, 192, 224, 128}},
}

// bnInceptionBlocks are how the names of the modules' parameters begin.
func bnInceptionBlocks() []string {
	var list []string
	for _, m := range bnInceptions {
		list = append(list, m.name+"_")
	}
	return list
}

// lastInception is the only module of stride 1 that pools by maximum.
const lastInception = "inception_5b"

// bnInceptionWidths are the channels of each branch of a module, and of the 1x1 convolution that leads into it (in). A
// module without a 1x1 branch halves the map, and its pooling has no convolution behind it.
type bnInceptionWidths struct{ one, inA, a, inB, b, pooled int }

func bnInceptionMap(s *layer.Scope, x *tape.Var) *tape.Var {
	down := pool.Spec{Kernel: 3, Stride: 2, Ceil: true}
	x = biasedNorm(s, "conv1_7x7_s2", x, layer.Conv{Out: 64, Kernel: 7, Stride: 2, Pad: 3})
	x = layer.MaxPool(s, x, down)
	x = biasedNorm(s, "conv2_3x3_reduce", x, layer.Conv{Out: 64, Kernel: 1})
	x = biasedNorm(s, "conv2_3x3", x, layer.Conv{Out: 192, Kernel: 3, Pad: 1})
	x = layer.MaxPool(s, x, down)
	for _, m := range bnInceptions {
		x = inceptionNorm(s, m.name, x, m.to)
	}
	return x
}

// inceptionNorm is the branches of a module side by side: 1x1, 1x1 then 3x3, 1x1 then two of 3x3, and pooling.
func inceptionNorm(s *layer.Scope, name string, x *tape.Var, to bnInceptionWidths) *tape.Var {
	stride, branches := 1, []*tape.Var{}
	if to.one == 0 {
		stride = 2
	} else {
		branches = append(branches, biasedNorm(s, name+"_1x1", x, layer.Conv{Out: to.one, Kernel: 1}))
	}
	a := biasedNorm(s, name+"_3x3_reduce", x, layer.Conv{Out: to.inA, Kernel: 1})
	a = biasedNorm(s, name+"_3x3", a, layer.Conv{Out: to.a, Kernel: 3, Stride: stride, Pad: 1})
	b := biasedNorm(s, name+"_double_3x3_reduce", x, layer.Conv{Out: to.inB, Kernel: 1})
	b = biasedNorm(s, name+"_double_3x3_1", b, layer.Conv{Out: to.b, Kernel: 3, Pad: 1})
	b = biasedNorm(s, name+"_double_3x3_2", b, layer.Conv{Out: to.b, Kernel: 3, Stride: stride, Pad: 1})
	return layer.Concat(s, append(branches, a, b, pooledBranch(s, name, x, to))...)
}

func pooledBranch(s *layer.Scope, name string, x *tape.Var, to bnInceptionWidths) *tape.Var {
	side := pool.Spec{Kernel: 3, Stride: 1, Pad: 1, Ceil: true}
	switch {
	case to.pooled == 0:
		return layer.MaxPool(s, x, halving(x))
	case name == lastInception:
		x = layer.MaxPool(s, x, side)
	default:
		x = layer.AveragePool(s, x, side)
	}
	return biasedNorm(s, name+"_pool_proj", x, layer.Conv{Out: to.pooled, Kernel: 1})
}

// halving is the pooling beside 3x3 convolutions of stride 2. Of an odd map the published one, without padding, makes a pixel
// less than they do, and the network stops with an error; here it then has their padding.
func halving(x *tape.Var) pool.Spec {
	if x.Dim(1)%2 == 1 {
		return pool.Spec{Kernel: 3, Stride: 2, Pad: 1}
	}
	return pool.Spec{Kernel: 3, Stride: 2, Ceil: true}
}

// biasedNorm is a convolution with biases, batch norm and ReLU.
func biasedNorm(s *layer.Scope, name string, x *tape.Var, c layer.Conv) *tape.Var {
	return layer.BatchNorm(s, name+"_bn", layer.Conv2D(s, name, x, c), layer.Norm{ReLU: true})
}
