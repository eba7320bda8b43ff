package loss

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// whole is a tensor of whole numbers.
func whole(v []int32) parity.Tensor {
	numbers := make([]float64, len(v))
	for i, x := range v {
		numbers[i] = float64(x)
	}
	return parity.Values(kernels.Int32, numbers, len(v))
}

// scoreOutputs are a loss, a gradient and the loss without one.
func scoreOutputs(s parity.Tensor) []parity.Tensor {
	return []parity.Tensor{parity.Output(kernels.Float32, 1), parity.Output(kernels.Float32, s.Shape...), parity.Output(kernels.Float32, 1)}
}

// Both devices compute in float64 and round once.
const scoreBound = 0x1p-22

func TestParityCrossEntropy(t *testing.T) {
	var cases []parity.Case
	add := func(name string, c entropyCase, s parity.Tensor) {
		in := []parity.Tensor{s}
		if c.target != nil {
			in = append(in, whole(c.target))
		}
		if c.class != nil {
			in = append(in, whole(c.class))
		}
		cases = append(cases, parity.Case{
			Name: name, In: in, Out: scoreOutputs(s), Check: within(scoreBound, scoreBound, scoreBound),
			Run: func(out, in []*kernels.Array) {
				var target, class *kernels.Array
				rest := in[1:]
				if c.target != nil {
					target, rest = rest[0], rest[1:]
				}
				if c.class != nil {
					class = rest[0]
				}
				CrossEntropy(out[0], out[1], in[0], target, class, c.scale)
				CrossEntropy(out[2], nil, in[0], target, class, c.scale)
			},
		})
	}
	for i, c := range entropyCases {
		add(fmt.Sprintf("%d: %dx%d", i, c.n, c.k), c, parity.Floats(1, -1, 1, c.n, c.k))
	}
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e30} {
		for _, at := range []int{3, 5} {
			add(fmt.Sprint(bad, " at ", at), entropyCase{2, 3, []int32{1, 2}, nil, 1},
				parity.Floats(1, -1, 1, 2, 3).With(map[int]float64{at: bad}))
		}
	}
	add("targets that are no columns", entropyCase{3, 3, []int32{-1, 1, 3}, nil, 1}, parity.Floats(1, -1, 1, 3, 3))
	parity.Run(t, cases...)
}

func TestParityLabelPairs(t *testing.T) {
	var cases []parity.Case
	add := func(name string, c pairCase, s parity.Tensor) {
		for which, run := range map[string]func(loss, ds, s, labels *kernels.Array, margin float64){
			"triplet": Triplet, "contrastive": Contrastive,
		} {
			cases = append(cases, parity.Case{
				Name: which + " " + name, In: []parity.Tensor{s, whole(c.labels)}, Out: scoreOutputs(s),
				Check: within(scoreBound, scoreBound, scoreBound), Large: c.n > 100,
				Run: func(out, in []*kernels.Array) {
					run(out[0], out[1], in[0], in[1], c.margin)
					run(out[2], nil, in[0], in[1], c.margin)
				},
			})
		}
	}
	for _, c := range pairCases {
		add(c.String(), c, parity.Floats(1, -0.9, 0.9, c.n, c.n))
	}
	few := pairCase{6, []int32{1, 2, 1}, 1}
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		for _, at := range []int{0, 1, 6, 35, 34} {
			add(fmt.Sprint(bad, " at ", at), few, parity.Floats(1, -0.9, 0.9, 6, 6).With(map[int]float64{at: bad}))
		}
	}
	// Many negatives are as near as others: the first is taken on both.
	ties := make([]float64, 36*36)
	for i := range ties {
		ties[i] = float64(i*7%3) / 4
	}
	add("ties", pairCase{36, numbered(18, 5), 0.2}, parity.Values(kernels.Float32, ties, 36, 36))
	parity.Run(t, cases...)
}
