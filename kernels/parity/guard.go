package parity

import (
	"testing"

	"udml-gpu/kernels"
)

// guardBytes stand before and after each array: more than any vector store is wide.
const guardBytes = 256

// guardByte is their value.
const guardByte = 0xA5

// guarded is an array with bytes around it that no op may touch.
type guarded struct {
	whole, array *kernels.Array
	bytes        int
}

// newGuarded makes the array of x; floats are of type float.
func newGuarded(dev *kernels.Device, x Tensor, float kernels.DType) guarded {
	t := x.Type
	if t == kernels.Float32 || t == kernels.BFloat16 && float == kernels.Float64 {
		t = float
	}
	n := t.Size()
	for _, s := range x.Shape {
		n *= s
	}
	g := guarded{whole: dev.Scratch(kernels.Uint8, n+2*guardBytes), bytes: n}
	g.whole.Fill(guardByte)
	g.array = g.whole.Carve(t, guardBytes, x.Shape...)
	if x.At == nil {
		g.array.Fill(0xff)
	} else {
		x.write(g.array)
	}
	return g
}

// check fails the test when a guard byte changed.
func (g guarded) check(t testing.TB, i int) {
	t.Helper()
	for at, b := range kernels.Read[uint8](g.whole) {
		if (at < guardBytes || at >= guardBytes+g.bytes) && b != guardByte {
			t.Errorf("array %d, %v: the op wrote outside of it, at byte %d", i, g.array, at-guardBytes)
			return
		}
	}
}
