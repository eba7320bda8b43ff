package act

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// some are a few units in the last place of float32, for formulas of a few roundings and one exponential.
const some = 4e-7

type tensors = []parity.Tensor

type arrays = []*kernels.Array

// flat are sizes around a warp, a block and a CPU tile, multiples of 4 and others.
var flat = []int{0, 1, 31, 32, 255, 256, 257, 1021, 1024, tile + 1, 65537}

// whole is more than the grid has threads: those that move one float each take a second one.
const whole = 1<<20 + 1

// TestParityElements: ReLU and the choice of dropout are exact, products round once or twice.
func TestParityElements(t *testing.T) {
	for _, n := range flat {
		x, dy, y := parity.Floats(1, -3, 3, n).Awkward(), parity.Floats(2, -2, 2, n).Awkward(), parity.Floats(3, 0, 1, n)
		mask := parity.Bytes(4, 2, n)
		one := func(name string, bound float64, in tensors, run func(out, in arrays)) parity.Case {
			return parity.Case{
				Name: fmt.Sprint(name, "/", n), Bound: bound, Large: n > 2000, In: in,
				Out: tensors{parity.Output(kernels.Float32, n)}, Run: run,
			}
		}
		parity.Run(t,
			one("relu", 0, tensors{x}, func(out, in arrays) { ReLU(out[0], in[0]) }),
			one("relu backward", 0, tensors{dy, parity.Floats(5, -1, 1, n)}, func(out, in arrays) {
				ReLU(in[1], in[1])
				ReLUBackward(out[0], in[0], in[1])
			}),
			one("sigmoid", some, tensors{x}, func(out, in arrays) { Sigmoid(out[0], in[0]) }),
			one("sigmoid backward", some, tensors{dy, y}, func(out, in arrays) { SigmoidBackward(out[0], in[0], in[1]) }),
			one("dropout", some, tensors{x, mask}, func(out, in arrays) { Dropout(out[0], in[0], in[1], 0.6) }),
			one("dropout backward", some, tensors{dy, mask}, func(out, in arrays) { DropoutBackward(out[0], in[0], in[1], 0.6) }),
		)
	}
}

// TestParityManyElements: more elements than a grid has threads.
func TestParityManyElements(t *testing.T) {
	parity.Whole(t)
	parity.Run(t, parity.Case{
		Name: "relu", In: tensors{parity.Floats(1, -3, 3, whole).Awkward()}, Out: tensors{parity.Output(kernels.Float32, whole)},
		Run: func(out, in arrays) { ReLU(out[0], in[0]) },
	})
}

// TestParityInPlace: outputs that are also inputs, and views that begin off a multiple of 16 bytes.
func TestParityInPlace(t *testing.T) {
	const n = 1024
	for _, skip := range []int{0, 1} {
		at := func(a *kernels.Array) *kernels.Array { return a.View(skip, 32, (n-4)/32) }
		parity.Run(t, parity.Case{
			Name: fmt.Sprint("from element ", skip), Bound: some,
			In: tensors{parity.Bytes(4, 2, n)}, Out: tensors{parity.Floats(1, -3, 3, n), parity.Floats(2, 0, 1, n)},
			Run: func(out, in arrays) {
				x, y := at(out[0]), at(out[1])
				ReLU(x, x)
				Sigmoid(x, x)
				Softmax(x, x)
				Dropout(x, x, at(in[0]), 0.3)
				SigmoidBackward(y, y, x)
				SoftmaxBackward(y, y, x)
				ReLUBackward(y, y, x)
				DropoutBackward(y, y, at(in[0]), 0.3)
			},
		})
	}
}

// rowShapes have no row, no column, one of each, and widths around a warp's width with single floats and with packs.
var rowShapes = [][2]int{{0, 3}, {3, 0}, {1, 1}, {5, 31}, {9, 32}, {7, 33}, {3, 127}, {4, 128}, {3, 132}, {2, 1024}, {2, 4099}, {65537, 3}}

// TestParitySoftmax: logits of -4..4; the difference of two is off by up to 8 half units, and so is its exponential.
// Elements are small where rows are long, so each is compared by its own size, and dx by its largest.
func TestParitySoftmax(t *testing.T) {
	for _, s := range rowShapes {
		n, k := s[0], s[1]
		x, dy, matrix := parity.Floats(1, -4, 4, n, k), parity.Floats(2, -1, 1, n, k), parity.Output(kernels.Float32, n, k)
		parity.Run(t, parity.Case{
			Name: fmt.Sprint(s), Large: n*k > 10000, In: tensors{dy, x}, Out: tensors{matrix, matrix},
			Run: func(out, in arrays) {
				Softmax(out[0], in[1])
				SoftmaxBackward(out[1], in[0], out[0])
			},
			Check: func(t testing.TB, _, want, got []*kernels.Array) {
				near(t, "y", got[0], want[0], func(w float64) float64 { return 1e-6 * w })
				largest := 0.0
				for _, w := range parity.Numbers(want[1]) {
					largest = max(largest, math.Abs(w))
				}
				near(t, "dx", got[1], want[1], func(float64) float64 { return 2e-6 * largest })
			},
		})
	}
}

// near fails the test unless each element is within the wanted element's own bound.
func near(t testing.TB, name string, got, want *kernels.Array, bound func(w float64) float64) {
	t.Helper()
	g := parity.Numbers(got)
	for j, w := range parity.Numbers(want) {
		if !(math.Abs(g[j]-w) <= bound(w)) {
			t.Fatalf("%s: element %d of %v is %g, want %g", name, j, got, g[j], w)
		}
	}
}

// TestParityLogSumExp: the result rounds once, and dx is an exponential as in softmax.
func TestParityLogSumExp(t *testing.T) {
	for _, s := range rowShapes {
		n, k := s[0], s[1]
		parity.Run(t, parity.Case{
			Name: fmt.Sprint(s), Bound: some, Large: n*k > 10000, In: tensors{parity.Floats(3, -1, 1, n), parity.Floats(1, -4, 4, n, k)},
			Out: tensors{parity.Output(kernels.Float32, n), parity.Output(kernels.Float32, n, k)},
			Run: func(out, in arrays) {
				LogSumExp(out[0], in[1])
				LogSumExpBackward(out[1], in[0], in[1], out[0])
			},
		})
	}
}

// TestParityRowExtremes: rows with a NaN, or with too large numbers, give the same as on the CPU.
func TestParityRowExtremes(t *testing.T) {
	for _, k := range []int{1, 4, 7} {
		x := parity.Floats(1, -4, 4, 11, k).Awkward().With(map[int]float64{10 * k: 1e4, 10*k + k - 1: -1e4})
		for j := range k {
			x = x.With(map[int]float64{9*k + j: float64(-inf)})
		}
		parity.Run(t, parity.Case{
			Name: fmt.Sprint("width ", k), Bound: some, In: tensors{x, parity.Floats(2, -1, 1, 11)},
			Out: tensors{parity.Output(kernels.Float32, 11, k), parity.Output(kernels.Float32, 11), parity.Output(kernels.Float32, 11, k)},
			Run: func(out, in arrays) {
				Softmax(out[0], in[0])
				LogSumExp(out[1], in[0])
				LogSumExpBackward(out[2], in[1], in[0], out[1])
			},
		})
	}
}

// TestParityDropoutMask: the masks are the same bits for any p.
// epochThree is an epoch on the device.
var epochThree = parity.Values(kernels.Int32, []float64{3}, 1)

func TestParityDropoutMask(t *testing.T) {
	for _, s := range [][2]int{{0, 4}, {3, 0}, {1, 1}, {5, 3}, {300, 128}, {70, 131}, {1, 1030}, {65537, 5}} {
		for _, p := range []float64{0.6, 0, 0.3, 1, 1.5, -1} {
			if s[0] > 1000 && p != 0.6 {
				continue
			}
			samples, views := parity.Ints(1, 1<<20, s[0]), parity.Ints(2, 2, s[0])
			parity.Run(t, parity.Case{
				Name: fmt.Sprint(s, p), Large: s[0]*s[1] > 50000, In: tensors{samples, views, epochThree},
				Out: tensors{parity.Output(kernels.Uint8, s[:]...)},
				Run: func(out, in arrays) { DropoutMask(out[0], in[0], in[1], 1<<40+42, in[2], p) },
			})
		}
	}
}
