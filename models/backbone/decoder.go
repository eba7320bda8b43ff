package backbone

import (
	"fmt"

	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// Decode is D: cluster centroids r [S,h,w,C] to images [S,size,size,channels] in (0,1). Each stage is a 3x3
// convolution, batch norm, ReLU and an upsampling by two, until the next doubling would pass size; the last one
// goes to size itself (bilinear when it is not a doubling). weight [S] counts each centroid as often as it has
// members, which equals decoding every member. Names are those of torch.nn.Sequential under "decoder".
func Decode(s *layer.Scope, r, weight *tape.Var, size, channels int) *tape.Var {
	in, at := s.In("decoder"), 0
	x := r
	for out := stageChannels(r.Dim(3)); x.Dim(1) < size; out = stageChannels(out) {
		x = layer.Conv2D(in, fmt.Sprint(at), x, layer.Conv{Out: out, Kernel: 3, Pad: 1, NoBias: true})
		x = layer.BatchNorm(in, fmt.Sprint(at+1), x, layer.Norm{ReLU: true, Weight: weight})
		if next := 2 * x.Dim(1); next <= size {
			x = layer.Upsample2(in, x)
		} else {
			x = layer.Bilinear(in, x, size, size)
		}
		at += 4
	}
	x = layer.Conv2D(in, fmt.Sprint(at), x, layer.Conv{Out: channels, Kernel: 3, Pad: 1, NoBias: true})
	return layer.Sigmoid(in, x)
}

// stageChannels halves the channels, and caps the first stage's at 128 so that the decoder stays a small part of
// a step.
func stageChannels(in int) int { return min(128, max(16, in/2)) }
