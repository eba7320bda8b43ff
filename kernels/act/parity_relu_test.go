package act

import (
	"fmt"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
)

// rectifier is ReLU or ReLU6.
type rectifier struct {
	name     string
	forward  func(y, x *kernels.Array)
	backward func(dx, dy, y *kernels.Array)
}

var rectifiers = []rectifier{{"relu", ReLU, ReLUBackward}, {"relu6", ReLU6, ReLU6Backward}}

// both are the places of two arrays in a case.
var both = []int{0, 1}

// TestParityStored: a choice between numbers is exact in bfloat16 too.
func TestParityStored(t *testing.T) {
	for _, n := range flat {
		for _, r := range rectifiers {
			c := parity.Case{
				Name: fmt.Sprint(r.name, "/", n), Large: n > 2000,
				In:  tensors{parity.Floats(1, -3, 9, n).Awkward(), parity.Floats(2, -2, 2, n).Awkward()},
				Out: tensors{parity.Output(kernels.Float32, n), parity.Output(kernels.Float32, n)},
				Run: func(out, in arrays) {
					r.forward(out[0], in[0])
					r.backward(out[1], in[1], out[0])
				},
			}.Stored(both, both)
			c.Bound = 0
			parity.Run(t, c)
		}
	}
}

// TestParityStoredManyElements: more elements than a grid has threads.
func TestParityStoredManyElements(t *testing.T) {
	parity.Whole(t)
	c := parity.Case{
		Name: "relu", In: tensors{parity.Floats(1, -3, 3, whole).Awkward()}, Out: tensors{parity.Output(kernels.Float32, whole)},
		Run: func(out, in arrays) { ReLU(out[0], in[0]) },
	}.Stored([]int{0}, []int{0})
	c.Bound = 0
	parity.Run(t, c)
}

// TestParityStoredInPlace: outputs that are also inputs, and views that begin off a multiple of 16 bytes, or of 4.
func TestParityStoredInPlace(t *testing.T) {
	const n = 1024
	for _, skip := range []int{0, 1, 2} {
		at := func(a *kernels.Array) *kernels.Array { return a.View(skip, 32, (n-4)/32) }
		for _, r := range rectifiers {
			c := parity.Case{
				Name: fmt.Sprint(r.name, " from element ", skip),
				Out:  tensors{parity.Floats(1, -3, 9, n).Awkward(), parity.Floats(2, -2, 2, n).Awkward()},
				Run: func(out, _ arrays) {
					x, dy := at(out[0]), at(out[1])
					r.forward(x, x)
					r.backward(dy, dy, x)
				},
			}.Stored(nil, both)
			c.Bound = 0
			parity.Run(t, c)
		}
	}
}

// TestRefusesTypes: arrays of one type alone.
func TestRefusesTypes(t *testing.T) {
	dev := kernels.CPU()
	brain, float := dev.New(kernels.BFloat16, 4), dev.New(kernels.Float32, 4)
	for _, r := range rectifiers {
		for i, call := range []func(){
			func() { r.forward(float, brain) }, func() { r.forward(brain, float) },
			func() { r.backward(brain, float, brain) }, func() { r.backward(float, float, brain) },
		} {
			optest.Refuses(t, "act.", fmt.Sprint(r.name, " case ", i), call)
		}
	}
}
