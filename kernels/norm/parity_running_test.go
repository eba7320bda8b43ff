package norm

import (
	"fmt"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// TestParityRunning: running statistics of two layers at once, the first twice, with weights, without, of no weight, and skipped. Each is a
// few roundings; the variance comes back from a rounded 1/deviation, which doubles its error.
func TestParityRunning(t *testing.T) {
	for _, ch := range []int{1, 31, 257} {
		for skip := range 3 {
			for kind, weight := range map[string]parity.Tensor{
				"none": floats(9, 1, 2, 5),
				"zero": parity.Values(kernels.Float32, []float64{0}, 5), "some": parity.Ints(3, 4, 5),
			} {
				weight.Type = kernels.Float32
				parity.Run(t, parity.Case{
					Name: fmt.Sprint(ch, " channels, weights ", kind, ", skip ", skip), Bound: 3e-7,
					In: tensors{
						floats(1, -1, 1, ch), floats(2, 0.1, 300, ch), weight,
						parity.Values(kernels.Int32, []float64{float64(skip - 1)}, 1), floats(5, -1, 1, 300), floats(6, 0.1, 300, 300),
					},
					Out: tensors{floats(3, -1, 1, ch), floats(4, 0, 3, ch), floats(7, -1, 1, 300), floats(8, 0, 3, 300)},
					Run: func(out, in arrays) {
						weight, flag := in[2], in[3]
						if kind == "none" {
							weight = nil
						}
						if skip == 0 {
							flag = nil
						}
						first := Running{out[0], out[1], Stats{in[0], in[1]}, weight, 20, eps}
						second := Running{out[2], out[3], Stats{in[4], in[5]}, nil, 7, 1e-3}
						BatchNormRunning([]Running{first, second, first}, 0.1, flag)
					},
				})
			}
		}
	}
}
