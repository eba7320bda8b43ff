package distance

import (
	"slices"
	"sync"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
)

// copies are n rows, of which row i is picture i mod distinct.
func copies(n, distinct, d int) *kernels.Array {
	dev := kernels.CPU()
	picture := kernels.Data[float32](optest.Uniform(dev, kernels.Float32, 1, -1, 1, distinct, d))
	x := dev.New(kernels.Float32, n, d)
	for i := range n {
		copy(kernels.Data[float32](x)[i*d:(i+1)*d], picture[i%distinct*d:])
	}
	return x
}

// wantInOrder checks that rows which are equal come in the order of their indices, none before one that is left out.
func wantInOrder(t *testing.T, x *kernels.Array, distinct, k int, m Metric) {
	t.Helper()
	n := x.Dim(0)
	var mu sync.Mutex
	Nearest(x, x, m, 0, Part{0, x.Dim(0)}, func(int) int { return k }, func(i int, idx []int32) {
		mu.Lock()
		defer mu.Unlock()
		next := make([]int, distinct) // of each picture: the row that should come
		for p := range next {
			if next[p] = p; p == i {
				next[p] += distinct
			}
		}
		if len(idx) != min(k, n-1) {
			t.Errorf("row %d finds %d rows, want %d", i, len(idx), min(k, n-1))
		}
		for _, j := range idx {
			p := int(j) % distinct
			if int(j) != next[p] {
				t.Errorf("%v of %d, %d distinct: row %d finds %v", m, n, distinct, i, idx)
				return
			}
			if next[p] += distinct; next[p] == i {
				next[p] += distinct
			}
		}
	})
}

var copiesCases = []struct{ n, distinct, d, k int }{
	{24, 1, 512, 8}, {24, 3, 128, 23}, {65, 2, 64, 4}, {700, 7, 33, 60}, {1100, 1100, 16, 5}, {1100, 550, 64, 30},
}

// Equal rows are found in the order of their indices with any library.
func TestEqualRowsComeInOrder(t *testing.T) {
	for _, c := range copiesCases {
		for _, m := range []Metric{InnerProduct, Cosine, SquaredL2} {
			wantInOrder(t, copies(c.n, c.distinct, c.d), c.distinct, c.k, m)
		}
	}
}

func TestEqualRowsComeInOrderOnGPU(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, dev *kernels.Device) {
		for _, c := range copiesCases[:3] {
			x := copies(c.n, c.distinct, c.d).To(dev)
			wantInOrder(t, x, c.distinct, c.k, InnerProduct)
			x.Free()
		}
	})
}

func TestTwins(t *testing.T) {
	zero := float32(0)
	y := []float32{1, 2, 3, 4, 1, 2, 0, 0, -zero, 0, 5, 5, zero / zero, 0, zero / zero, 0}
	want := []bool{true, false, true, true, true, false, false, false}
	if got := twins(y, 2); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := twins(y[:4], 2); got != nil {
		t.Errorf("%v without twins", got)
	}
	if got := twins([]float32{}, 0); got != nil {
		t.Errorf("%v of rows without columns", got)
	}
}
