package backbone

import (
	"udml-gpu/kernels/pool"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// inceptionModule is inception, or while a GPU trains it inceptionFused, which does the same in fewer and larger steps.
func inceptionModule(s *layer.Scope, x *tape.Var, to inceptionWidths) *tape.Var {
	if s.Tape.Device().CUDA() {
		inceptionBeside(s, x.Dim(3), to)
	}
	if !s.Fuses() {
		return inception(s, x, to)
	}
	aside := s.Aside()
	inception(aside, aside.Tape.New(x.Shape()...), to) // the parameters, in the order in which they are in files
	if !s.Trains("branch1.conv.weight") {
		return inception(s, x, to)
	}
	return inceptionFused(s, x, to)
}

// The 1x1 convolutions of x, of which the first leads into the result; and the convolutions that do.
var (
	inceptionFirst = []string{"branch1", "branch2.0", "branch3.0"}
	inceptionLast  = []string{"branch1", "branch2.1", "branch3.1", "branch4.1"}
)

// inceptionBeside has the parameters of an inception module of so many channels that are used together lie together.
func inceptionBeside(s *layer.Scope, channels int, to inceptionWidths) {
	s.Beside(under(inceptionFirst, ".conv"), "weight", []int{to.one, to.inA, to.inB}, 1, 1, channels)
	for _, name := range []string{"weight", "bias"} {
		s.Beside(under(inceptionFirst[1:], ".bn"), name, []int{to.inA, to.inB})
		s.Beside(under(inceptionLast, ".bn"), name, []int{to.one, to.a, to.b, to.pooled})
	}
}

func under(branches []string, part string) []string {
	list := make([]string, len(branches))
	for i, b := range branches {
		list[i] = b + part
	}
	return list
}

// inceptionFused is inception with the 1x1 convolutions of x as one, one batch norm of what goes on to 3x3, and one of all that leads into
// the result, which writes it without a concatenation: 4 convolutions and 2 batch norms where there are 6 of each.
func inceptionFused(s *layer.Scope, x *tape.Var, to inceptionWidths) *tape.Var {
	n := layer.Norm{ReLU: true, Eps: basicNormEps}
	first := layer.Siblings(s, x, under(inceptionFirst, ".conv"), []int{to.one, to.inA, to.inB})
	mid := layer.BatchNormJoined(s, n, false,
		layer.NormPart{Name: "branch2.0.bn", X: first, At: to.one, C: to.inA},
		layer.NormPart{Name: "branch3.0.bn", X: first, At: to.one + to.inA, C: to.inB})
	a := layer.Conv2D(s.In("branch2.1"), "conv", mid[0], layer.Conv{Out: to.a, Kernel: 3, Pad: 1, NoBias: true})
	b := layer.Conv2D(s.In("branch3.1"), "conv", mid[1], layer.Conv{Out: to.b, Kernel: 3, Pad: 1, NoBias: true})
	pooled := layer.MaxPool(s, x, pool.Spec{Kernel: 3, Stride: 1, Pad: 1, Ceil: true})
	pooled = layer.Conv2D(s.In("branch4.1"), "conv", pooled, layer.Conv{Out: to.pooled, Kernel: 1, NoBias: true})
	return layer.BatchNormJoined(s, n, true,
		layer.NormPart{Name: "branch1.bn", X: first, C: to.one},
		layer.NormPart{Name: "branch2.1.bn", X: a, C: to.a},
		layer.NormPart{Name: "branch3.1.bn", X: b, C: to.b},
		layer.NormPart{Name: "branch4.1.bn", X: pooled, C: to.pooled})[0]
}
