package backbone

import (
	"fmt"

	"udml-gpu/kernels/pool"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// conv4 is the small network of few-shot learning (Vinyals et al. 2016): three max-pooled blocks of 64 channels
// and one more. Names are those of torch.nn.Sequential. There are no published weights: it is trained from scratch.
var conv4 = Network{
	Name: "conv4", Channels: 64, Size: 32, MinSize: 8, Grey: true, Forward: ofMap(conv4Map),
	Blocks: numbered("features.%d.", 0, 4, 8, 12),
}

func conv4Map(s *layer.Scope, x *tape.Var) *tape.Var {
	for block := range 4 {
		first := 4 * block
		x = layer.Conv2D(s, fmt.Sprintf("features.%d", first), x, layer.Conv{Out: 64, Kernel: 3, Pad: 1, NoBias: true})
		x = layer.BatchNorm(s, fmt.Sprintf("features.%d", first+1), x, layer.Norm{ReLU: true})
		if block < 3 {
			x = layer.MaxPool(s, x, pool.Spec{Kernel: 2, Stride: 2})
		}
	}
	return x
}
