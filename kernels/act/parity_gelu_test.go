package act

import (
	"fmt"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// TestParityGELU: the contracts' bounds for the CPU; a GPU's exponential and complementary error function are within some units in
// the last place too. At infinities the results are those of float64.
func TestParityGELU(t *testing.T) {
	for _, n := range flat {
		x, dy, up := parity.Floats(1, -7, 7, n).Awkward(), parity.Floats(2, -2, 2, n), parity.Floats(3, -2, 2, n)
		one := func(name string, bound float64, in tensors, outs int, run func(out, in arrays)) parity.Case {
			c := parity.Case{Name: fmt.Sprint(name, "/", n), Bound: bound, Large: n > 2000, In: in, Run: run}
			for range outs {
				c.Out = append(c.Out, parity.Output(kernels.Float32, n))
			}
			return c
		}
		run := func(cases ...parity.Case) { // in bfloat16 too
			for _, c := range cases {
				parity.Run(t, c, c.StoredWhole())
			}
		}
		for name, kind := range geluKinds {
			run(
				one(name, 1e-6, tensors{x}, 1, func(out, in arrays) { GELU(out[0], in[0], kind) }),
				one(name+" backward", 1e-6, tensors{dy, x}, 1, func(out, in arrays) { GELUBackward(out[0], in[0], in[1], kind) }),
			)
		}
		run(
			one("swiglu", 1e-6, tensors{x, up}, 1, func(out, in arrays) { SwiGLU(out[0], in[0], in[1]) }),
			one("swiglu backward", 2e-6, tensors{dy, x, up}, 2, func(out, in arrays) {
				SwiGLUBackward(out[0], out[1], in[0], in[1], in[2])
			}),
		)
		parity.Run(t,
			one("relu6", 0, tensors{x}, 1, func(out, in arrays) { ReLU6(out[0], in[0]) }),
			one("relu6 backward", 0, tensors{dy, x}, 1, func(out, in arrays) {
				ReLU6(in[1], in[1])
				ReLU6Backward(out[0], in[0], in[1])
			}),
		)
	}
}

// TestParityGELUInPlace: outputs that are also inputs, and views that begin off a multiple of 16 bytes.
func TestParityGELUInPlace(t *testing.T) {
	const n = 1024
	for _, skip := range []int{0, 1} {
		at := func(a *kernels.Array) *kernels.Array { return a.View(skip, n-4) }
		parity.Run(t, parity.Case{
			Name: fmt.Sprint("from element ", skip), Bound: 4e-6,
			Out: tensors{parity.Floats(1, -3, 9, n), parity.Floats(2, -1, 1, n), parity.Floats(3, -2, 2, n)},
			Run: func(out, _ arrays) {
				x, dy, up := at(out[0]), at(out[1]), at(out[2])
				for _, kind := range []GELUKind{GELUErf, GELUTanh, GELUQuick} {
					GELUBackward(dy, dy, x, kind)
					GELU(x, x, kind)
				}
				SwiGLUBackward(up, dy, dy, x, up)
				SwiGLU(x, x, dy)
				ReLU6(up, up)
				ReLU6Backward(dy, dy, up)
			},
		})
	}
}
