package update

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// counts are around a float4, a block and a chunk of the GPU, and some chunks.
var counts = []int{0, 1, 3, 4, 7, 255, 257, chunkSize - 1, chunkSize, chunkSize + 1, 65537}

// stepBound: a step rounds a number at most 8 times, to 2^-24 of it each time.
const stepBound = 8 * 0x1p-24

func float(n int) parity.Tensor { return parity.Output(kernels.Float32, n) }

func skipFlag(v float64) parity.Tensor { return parity.Values(kernels.Int32, []float64{v}, 1) }

// TestParitySGD: parameters and momentum after a step, the first one with momentum that is not set yet.
func TestParitySGD(t *testing.T) {
	var cases []parity.Case
	for _, n := range counts {
		for i, o := range sgdCases {
			for _, skip := range []float64{0, 1} {
				momentum := parity.Floats(3, -1, 1, n)
				first := i == 2
				if first {
					momentum = momentum.With(map[int]float64{n / 2: math.NaN()})
				}
				if skip == 1 && n != 257 {
					continue
				}
				cases = append(cases, parity.Case{
					Name: fmt.Sprint(o, "/", n, "/skip ", skip), Bound: stepBound, Large: n > 1000,
					In:  []parity.Tensor{parity.Floats(1, -1, 1, n).Awkward(), skipFlag(skip)},
					Out: []parity.Tensor{parity.Floats(2, -1, 1, n), momentum},
					Run: func(out, in []*kernels.Array) { SGD(out[0], in[0], out[1], o, first, in[1]) },
				})
			}
		}
	}
	parity.Run(t, cases...)
}

// TestParityAdamW: parameters and both moments after step 3.
func TestParityAdamW(t *testing.T) {
	o := AdamWOptions{LR: 0.1, Beta1: 0.5, Beta2: 0.9, Eps: 1e-3, WeightDecay: 0.1}
	var cases []parity.Case
	for _, n := range counts {
		for _, skip := range []float64{0, 1} {
			cases = append(cases, parity.Case{
				Name: fmt.Sprint(n, "/skip ", skip), Bound: stepBound, Large: n > 1000,
				In:  []parity.Tensor{parity.Floats(1, -1, 1, n).Awkward(), skipFlag(skip)},
				Out: []parity.Tensor{parity.Floats(2, -1, 1, n), parity.Floats(3, -1, 1, n), parity.Floats(4, 0, 1, n)},
				Run: func(out, in []*kernels.Array) { AdamW(out[0], in[0], out[1], out[2], o, 3, in[1]) },
			})
		}
	}
	parity.Run(t, cases...)
}

// lists are sizes of the parameters of a network; the last is empty, one is longer than a chunk.
var lists = [][]int{{}, {0}, {5}, {3, 0, chunkSize + 5, 64, 1}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}}

// rates are those of a list's parameters: some learn slower.
func rates(n int) []float64 {
	r := make([]float64, n)
	for i := range r {
		r[i] = 1 / float64(1+i%3)
	}
	return r
}

// TestParityUnaligned: arrays that begin 4 bytes off a float4 take the path of single floats.
func TestParityUnaligned(t *testing.T) {
	const n = 40
	one := func(a *kernels.Array) *kernels.Array { return a.View(1, n-1) }
	parity.Run(t, parity.Case{
		Name: "sgd", Bound: stepBound, In: []parity.Tensor{parity.Floats(1, -1, 1, n)},
		Out: []parity.Tensor{parity.Floats(2, -1, 1, n), parity.Floats(3, -1, 1, n)},
		Run: func(out, in []*kernels.Array) { SGD(one(out[0]), one(in[0]), one(out[1]), sgdCases[4], false, nil) },
	}, parity.Case{
		Name: "finite", In: []parity.Tensor{
			parity.Floats(1, -1, 1, n).With(map[int]float64{0: math.NaN()}),
			parity.Floats(1, -1, 1, n).With(map[int]float64{n - 1: math.NaN()}),
		},
		Out: []parity.Tensor{parity.Output(kernels.Int32, 1), parity.Output(kernels.Int32, 1)},
		Run: func(out, in []*kernels.Array) {
			Finite(out[0], one(in[0])) // the NaN lies before the view
			Finite(out[1], one(in[1]))
		},
	})
}

// TestParityList: all parameters of a list in one launch.
func TestParityList(t *testing.T) {
	sgd := SGDOptions{LR: 0.1, Momentum: 0.9, WeightDecay: 0.01, Nesterov: true}
	adam := AdamWOptions{LR: 0.1, Beta1: 0.5, Beta2: 0.9, Eps: 1e-3, WeightDecay: 0.1}
	var cases []parity.Case
	for _, list := range lists {
		n := len(list)
		var in, out []parity.Tensor
		for i, size := range list {
			in = append(in, parity.Floats(uint64(i), -1, 1, size))
			out = append(out, parity.Floats(uint64(10+i), -1, 1, size), parity.Floats(uint64(20+i), -1, 1, size),
				parity.Floats(uint64(30+i), 0, 1, size))
		}
		with := func(step func(l *List, numbers, skip *kernels.Array)) func(out, in []*kernels.Array) {
			return func(out, in []*kernels.Array) {
				var columns [3][]*kernels.Array
				for i, a := range out {
					columns[i%3] = append(columns[i%3], a)
				}
				l := NewList(columns[0], in[2:], columns[1], columns[2], rates(n))
				step(l, in[1], in[0])
				l.Free()
			}
		}
		for _, skip := range []float64{0, 1} {
			name := fmt.Sprint(list, "/skip ", skip)
			at := func(n [Numbers]float64) []parity.Tensor {
				return append([]parity.Tensor{skipFlag(skip), parity.Values(kernels.Float64, n[:], Numbers)}, in...)
			}
			for step := range 2 {
				cases = append(cases, parity.Case{
					Name: fmt.Sprint("sgd/", name, "/step ", 1+step), Bound: stepBound, In: at(sgd.Numbers(1 + step)), Out: out,
					Run: with(func(l *List, numbers, skip *kernels.Array) { l.SGD(sgd, numbers, skip) }),
				})
			}
			plain := SGDOptions{LR: 0.1, Dampening: 0.5}
			cases = append(cases, parity.Case{
				Name: "plain sgd/" + name, Bound: stepBound, In: at(plain.Numbers(2)), Out: out,
				Run: with(func(l *List, numbers, skip *kernels.Array) { l.SGD(plain, numbers, skip) }),
			}, parity.Case{
				Name: "adamw/" + name, Bound: stepBound, In: at(adam.Numbers(3)), Out: out,
				Run: with(func(l *List, numbers, skip *kernels.Array) { l.AdamW(adam, numbers, skip) }),
			}, parity.Case{
				Name: "average/" + name, Bound: stepBound, In: at(adam.Numbers(3)), Out: out,
				Run: with(func(l *List, _, skip *kernels.Array) { l.Average(0.9, skip) }),
			})
		}
	}
	parity.Run(t, cases...)
}

// TestParityFinite: a flag, from arrays and from a list, as its parameters, gradients and more; the odd one lies anywhere, also
// behind the last float4.
func TestParityFinite(t *testing.T) {
	var cases []parity.Case
	flag := parity.Output(kernels.Int32, 1)
	add := func(name string, tensors []parity.Tensor) {
		cases = append(cases, parity.Case{
			Name: name, In: tensors, Out: []parity.Tensor{flag, flag, flag, flag},
			Run: func(out, in []*kernels.Array) {
				Finite(out[0], in...)
				half := len(in) / 2
				params, grads := NewList(in[:half], in[half:], nil, nil, nil), NewList(in[half:], in[:half], nil, nil, nil)
				params.Finite(out[1])
				grads.Finite(out[2])
				none := NewList(in[:half], in[:half], nil, nil, nil)
				none.Finite(out[3], in[half:]...)
				for _, l := range []*List{params, grads, none} {
					l.Free()
				}
			},
		})
	}
	add("nothing", nil)
	for _, n := range []int{0, 1, 5, 1031, 2*chunkSize + 3} {
		fine := parity.Floats(1, -1, 1, n).With(map[int]float64{0: math.MaxFloat32, n - 1: 1e-45})
		add(fmt.Sprint("fine/", n), []parity.Tensor{fine, fine})
		for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			for _, at := range []int{0, n / 2, n - 1} {
				if n == 0 {
					continue
				}
				many := []parity.Tensor{fine, fine, fine, fine, fine, fine, fine, fine, fine, fine}
				many[at%2*9] = fine.With(map[int]float64{at: bad})
				add(fmt.Sprint(bad, " at ", at, " of ", n), many)
			}
		}
	}
	parity.Run(t, cases...)
}
