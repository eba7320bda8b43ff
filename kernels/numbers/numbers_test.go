package numbers_test

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/numbers"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
)

// TestSet: every word arrives at its place, and what lies behind stays.
func TestSet(t *testing.T) {
	for _, dev := range parity.Devices(t) {
		for n := range numbers.Most + 1 {
			mem := kernels.Of(dev, make([]uint8, 8*(n+1)), 8*(n+1))
			var words []uint64
			for i := range n {
				words = append(words, math.Float64bits(float64(i)+0.5))
			}
			numbers.Set(mem.Carve(kernels.Uint8, 0, 8*n), words...)
			for i, v := range kernels.Read[float64](mem.Carve(kernels.Float64, 0, n+1)) {
				want := float64(i) + 0.5
				if i == n {
					want = 0
				}
				if !(v == want) {
					t.Errorf("%s, %d words: number %d is %g, want %g", dev.Name(), n, i, v, want)
				}
			}
			mem.Free()
		}
	}
}

// TestSetWrong: memory of another size, or too many words.
func TestSetWrong(t *testing.T) {
	mem := kernels.CPU().New(kernels.Uint8, 72)
	for _, words := range [][]uint64{{1, 2}, make([]uint64, 9)} {
		optest.Refuses(t, "numbers.", fmt.Sprint(len(words), " words"), func() { numbers.Set(mem, words...) })
	}
}
