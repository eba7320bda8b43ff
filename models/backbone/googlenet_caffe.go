package backbone

import (
	"udml-gpu/kernels/lrn"
	"udml-gpu/kernels/pool"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// googLeNetCaffe is GoogLeNet as its authors' paper (Szegedy et al. 2015) and Caffe's model zoo (bvlc_googlenet) have it,
// up to its last inception module and without the auxiliary classifiers: biases, local response normalisation, 5x5
// convolutions, pooling that rounds up. Names are Caffe's, weights and biases torch's: "inception_3a/5x5_reduce.weight".
var googLeNetCaffe = Network{
	Name: "googlenet_caffe", Channels: 1024, Size: 224, MinSize: 31, Forward: ofMap(googLeNetCaffeMap),
	Range: 255, BGR: true, Mean: []float64{104, 117, 123}, Std: []float64{1, 1, 1}, Rename: caffeName,
	Published: "Caffe's bvlc_googlenet, converted as docs/backbones.md says",
	Blocks:    inceptionBlocks(func(name string) string { return caffeModule(name) + "/" }),
}

func googLeNetCaffeMap(s *layer.Scope, x *tape.Var) *tape.Var {
	down := pool.Spec{Kernel: 3, Stride: 2, Ceil: true}
	respond := lrn.Spec{Size: 5, Alpha: 1e-4, Beta: 0.75, K: 1}
	x = layer.Conv2D(s, "conv1/7x7_s2", x, layer.Conv{Out: 64, Kernel: 7, Stride: 2, Pad: 3, ReLU: true})
	x = layer.LRN(s, layer.MaxPool(s, x, down), respond)
	x = layer.Conv2D(s, "conv2/3x3_reduce", x, layer.Conv{Out: 64, Kernel: 1, ReLU: true})
	x = layer.Conv2D(s, "conv2/3x3", x, layer.Conv{Out: 192, Kernel: 3, Pad: 1, ReLU: true})
	x = layer.MaxPool(s, layer.LRN(s, x, respond), down)
	for _, m := range inceptions {
		if m.name == "inception4a" || m.name == "inception5a" {
			x = layer.MaxPool(s, x, down)
		}
		x = inceptionCaffe(s, caffeModule(m.name), x, m.to)
	}
	return x
}

// inceptionCaffe is four branches side by side: 1x1, 1x1 then 3x3, 1x1 then 5x5, and max pooling then 1x1.
func inceptionCaffe(s *layer.Scope, name string, x *tape.Var, to inceptionWidths) *tape.Var {
	conv := func(branch string, x *tape.Var, out, kernel int) *tape.Var {
		return layer.Conv2D(s, name+"/"+branch, x, layer.Conv{Out: out, Kernel: kernel, Pad: kernel / 2, ReLU: true})
	}
	one := conv("1x1", x, to.one, 1)
	a := conv("3x3", conv("3x3_reduce", x, to.inA, 1), to.a, 3)
	b := conv("5x5", conv("5x5_reduce", x, to.inB, 1), to.b, 5)
	pooled := layer.MaxPool(s, x, pool.Spec{Kernel: 3, Stride: 1, Pad: 1})
	return layer.Concat(s, one, a, b, conv("pool_proj", pooled, to.pooled, 1))
}
