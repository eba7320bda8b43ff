package distance

import (
	"bytes"
	"fmt"
	"sync"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
)

// partsOf are parts of n rows that cut tiles.
func partsOf(n int) []Part {
	a, b := n/3, n/3+n/2
	return []Part{{0, a}, {a, a}, {a, b}, {b, n}}
}

func bytesOf(a *kernels.Array) []byte {
	b := make([]byte, a.Bytes())
	a.CopyToHost(b)
	return b
}

// TestPartsOfASearch: searches for the parts give the bytes of the search for all, also where y is cut and where rows of y are equal.
func TestPartsOfASearch(t *testing.T) {
	dev := kernels.CPU()
	for _, dt := range types {
		for _, s := range append(searchesInPieces, append(searches, struct{ n, m, d, k, self int }{
			1200, 2*pieceRows + 1300, 19, 7, 900,
		})...) {
			x, y := optest.Uniform(dev, dt, 3, -1, 1, s.n, s.d), optest.Uniform(dev, dt, 4, -1, 1, s.m, s.d)
			if s.m > 8 {
				y.Rows(0, 4).CopyFrom(y.Rows(4, 8))
			}
			for _, metric := range metrics {
				wholeEqualsParts(t, fmt.Sprint(dt, s, metric), x, y, metric, s.k, s.self)
			}
		}
	}
}

// TestGPUParts: likewise on a GPU.
func TestGPUParts(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, dev *kernels.Device) {
		for _, s := range searchSizes {
			x := optest.Uniform(kernels.CPU(), kernels.Float32, 3, -1, 1, s.n, s.d).To(dev)
			y := optest.Uniform(kernels.CPU(), kernels.Float32, 4, -1, 1, s.m, s.d).To(dev)
			wholeEqualsParts(t, fmt.Sprint(s), x, y, Cosine, s.k, s.self)
			x.Free()
			y.Free()
		}
	})
}

func wholeEqualsParts(t *testing.T, name string, x, y *kernels.Array, metric Metric, k, self int) {
	t.Helper()
	dev, n := x.Device(), x.Dim(0)
	vals, idx := dev.New(x.DType(), n, k), dev.New(kernels.Int32, n, k)
	partVals, partIdx := dev.New(x.DType(), n, k), dev.New(kernels.Int32, n, k)
	for _, a := range []*kernels.Array{vals, idx, partVals, partIdx} {
		defer a.Free()
	}
	TopK(vals, idx, x, y, metric, self)
	places := func(i int) int { return (i*7 + k) % (k + 3) }
	var mu sync.Mutex
	found, again := map[int]string{}, map[int]string{}
	note := func(to map[int]string) func(i int, idx []int32) {
		return func(i int, idx []int32) {
			mu.Lock()
			defer mu.Unlock()
			if to[i] != "" {
				t.Errorf("%s: row %d is visited twice", name, i)
			}
			to[i] = fmt.Sprint(idx)
		}
	}
	Nearest(x, y, metric, self, Part{0, n}, places, note(found))
	for _, part := range partsOf(n) {
		TopKPart(partVals, partIdx, x, y, metric, self, part)
		Nearest(x, y, metric, self, part, places, note(again))
	}
	if !bytes.Equal(bytesOf(vals), bytesOf(partVals)) || !bytes.Equal(bytesOf(idx), bytesOf(partIdx)) {
		t.Errorf("%s: TopK of the parts differs", name)
	}
	if fmt.Sprint(found) != fmt.Sprint(again) || len(found) != n {
		t.Errorf("%s: Nearest of the parts differs", name)
	}
}
