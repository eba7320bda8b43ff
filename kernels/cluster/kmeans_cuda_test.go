package cluster

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
	"udml-gpu/kernels/rng"
)

// TestKMeansOnGPU: where clusters are far apart the GPU draws, assigns and averages as the CPU does; centroids round
// once more. k = 20 takes several candidates a step, and two restarts.
func TestKMeansOnGPU(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, dev *kernels.Device) {
		for _, s := range []struct{ n, k, d int }{{300, 20, 5}, {257, 1, 3}, {70, 5, 33}} {
			o := KMeansOptions{Restarts: 2, Iterations: 30, Seed: 7, Tolerance: 1e-4}
			x := blobs(kernels.CPU(), kernels.Float32, s.n, s.k, s.d)
			c, labels, inertia := KMeans(x, s.k, o)
			onGPU, before := x.To(dev), dev.LiveBytes()
			gotC, gotLabels, gotInertia := KMeans(onGPU, s.k, o)
			if got := kernels.Read[int32](gotLabels); !slices.Equal(got, kernels.Data[int32](labels)) {
				t.Errorf("%v: labels %v, want %v", s, got, kernels.Data[int32](labels))
			}
			// Means of numbers around 100, by sums in float64 of differences that are rounded to 2^-24 of about 20.
			parity.Near(t, 0, gotC.To(kernels.CPU()), c, 0x1p-22)
			// Differences carry the error of the centroids, some 2^-18, times two.
			if !(math.Abs(gotInertia-inertia) <= 1e-4*inertia) {
				t.Errorf("%v: inertia %g, want %g", s, gotInertia, inertia)
			}
			again, againLabels, _ := KMeans(onGPU, s.k, o)
			if !sameBytes(gotC, again) || !sameBytes(gotLabels, againLabels) {
				t.Errorf("%v: two runs differ", s)
			}
			for _, a := range []*kernels.Array{gotC, gotLabels, again, againLabels} {
				a.Free()
			}
			if dev.LiveBytes() != before {
				t.Errorf("%v: %d bytes are left over", s, dev.LiveBytes()-before)
			}
			onGPU.Free()
		}
	})
}

func sameBytes(a, b *kernels.Array) bool {
	flat := func(a *kernels.Array) []byte { return kernels.Read[uint8](a.Carve(kernels.Uint8, 0, a.Bytes())) }
	return bytes.Equal(flat(a), flat(b))
}

// TestKMeansOfFewRowsOnGPU is TestKMeansOfFewRows: more clusters than distinct rows leave some empty.
func TestKMeansOfFewRowsOnGPU(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, dev *kernels.Device) {
		for _, s := range []struct{ n, distinct, k int }{{1, 1, 1}, {9, 1, 4}, {9, 3, 7}, {6, 6, 6}} {
			rows := make([]float32, 2*s.n)
			for i := range s.n {
				rows[2*i] = 3 + float32(i%s.distinct)
			}
			x := kernels.Of(dev, rows, s.n, 2)
			c, labels, inertia := KMeans(x, s.k, KMeansOptions{Restarts: 2, Iterations: 20})
			used := map[int32]bool{}
			for _, l := range kernels.Read[int32](labels) {
				used[l] = true
			}
			if !(inertia <= 1e-9) || len(used) != s.distinct {
				t.Errorf("%+v: inertia %g, %d clusters used", s, inertia, len(used))
			}
			for _, a := range []*kernels.Array{x, c, labels} {
				a.Free()
			}
		}
	})
}

// TestParityStart: with whole numbers all distances and their sums are exact, so that the GPU must draw the very rows that the
// CPU draws: from all rows and from a part, from several tiles and from more tiles than a block has threads, and where
// all rows are one.
func TestParityStart(t *testing.T) {
	var cases []parity.Case
	for _, s := range []struct{ n, from, k, d, values int }{
		{700, 700, 12, 3, 9},
		{700, 301, 6, 33, 9},
		{7, 7, 7, 2, 40},
		{300, 300, 4, 1, 1},
		{129, 129, 1, 2, 5},
		{130, 128, 5, 0, 3},
		{seedTile*wideBlock + 5, seedTile*wideBlock + 5, 3, 1, 9},
	} {
		x := parity.Ints(5, s.values, s.n, s.d)
		x.Type = kernels.Float32
		for restart := range uint16(2) {
			if s.n > 1000 && restart > 0 {
				continue
			}
			key := rng.Key{Seed: 1<<40 + 9, Op: rng.OpKMeans, View: restart}
			cases = append(cases, parity.Case{
				Name: fmt.Sprint(s, "/", restart), In: []parity.Tensor{x}, Out: []parity.Tensor{parity.Output(kernels.Float32, s.k, s.d)},
				Run:   func(out, in []*kernels.Array) { startOf(out[0], in[0], s.from, key) },
				Large: s.n > 1000,
			})
		}
	}
	parity.Run(t, cases...)
}

// startOf is a start from rows that are not centred: they stay whole numbers.
func startOf(c, x *kernels.Array, from int, key rng.Key) {
	switch {
	case x.Device().CUDA():
		l := newLloydCUDA(x, c.Dim(0))
		l.x.CopyFrom(x)
		l.startFrom(from, key)
		c.CopyFrom(l.c)
		l.free()
	case x.DType() == kernels.Float64:
		startOnCPU[float64](c, x, from, key)
	default:
		startOnCPU[float32](c, x, from, key)
	}
}

func startOnCPU[T kernels.Float](c, x *kernels.Array, from int, key rng.Key) {
	l := newLloyd[T](x, c.Dim(0))
	l.x.CopyFrom(x)
	l.startFrom(from, key)
	c.CopyFrom(l.c)
	l.free()
}

// TestManyCandidatesOnGPU draws as for K = 60,000: 13 candidates a step, in two blocks for each tile.
func TestManyCandidatesOnGPU(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, dev *kernels.Device) {
		const n, d, m, k = 300, 5, seedCandidates + 1, 6
		x := whole(optest.Uniform(kernels.CPU(), kernels.Float32, 5, 0, 9, n, d))
		key := rng.Key{Seed: 3, Op: rng.OpKMeans}
		want := newSeeding[float32](n, d, m)
		want.choose(kernels.Data[float32](x), make([]float32, n), key)
		l := newLloydCUDA(x.To(dev), k)
		l.x.CopyFrom(x)
		s := l.newSeeding(n, m, key)
		var rows []int32
		for j := range k + 1 {
			s.draw(j, k)
			if j < k {
				s.approach(j)
				key.Sample = uint32(j)
				rows = append(rows, int32(want.draw(key, j == 0)))
			}
		}
		if got := kernels.Read[int32](s.chosen); !slices.Equal(got, rows) {
			t.Errorf("drew %v, want %v", got, rows)
		}
		s.free()
		l.free()
	})
}

// TestFillEmptyOnGPU is TestFillEmpty with two empty clusters, rows at equal distance, and rows that must stay.
func TestFillEmptyOnGPU(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, dev *kernels.Device) {
		l := newLloydCUDA(kernels.Of(dev, make([]float32, 8), 8, 1), 5)
		inf := float32(math.Inf(1))
		kernels.Write(l.label, []int32{0, 0, 2, 2, 2, 4, -1, 2})
		kernels.Write(l.dist, []float32{0, 1, 4, 9, 9, 99, inf, inf}) // cluster 4 has one row, -1 none
		_, changed, empty := l.look()
		if !changed || empty != 2 {
			t.Fatalf("changed %v, %d empty clusters, want 2", changed, empty)
		}
		l.fillEmpty(empty + 1) // one more than there are: nothing happens
		if got, want := kernels.Read[int32](l.label), []int32{0, 0, 2, 1, 3, 4, -1, 2}; !slices.Equal(got, want) {
			t.Errorf("labels %v, want %v", got, want)
		}
		kernels.Write(l.label, []int32{0, 0, 0, 0, 0, 0, 0, 0})
		kernels.Write(l.dist, make([]float32, 8))
		_, _, empty = l.look()
		l.fillEmpty(empty) // no row is off its centroid
		if got := kernels.Read[int32](l.label); !slices.Equal(got, make([]int32, 8)) {
			t.Errorf("labels %v, want zeros", got)
		}
		l.free()
	})
}

// BenchmarkLloydOnGPU is the work that is compared with other programs: 25 iterations, without the start.
func BenchmarkLloydOnGPU(b *testing.B) {
	dev := parity.GPU(b)
	if dev == nil {
		b.Skip("no GPU")
	}
	const n, d, iterations = 1_000_000, 128, 25
	x := optest.Uniform(kernels.CPU(), kernels.Float32, 1, 0, 1, n, d).To(dev)
	defer x.Free()
	for _, k := range []int{1000, 10000} {
		b.Run(fmt.Sprint("1e6x128/", k), func(b *testing.B) {
			l := newLloydCUDA(x, k)
			defer l.free()
			l.start(rng.Key{Op: rng.OpKMeans})
			first := l.c.To(dev)
			defer first.Free()
			for b.Loop() {
				l.c.CopyFrom(first)
				l.run(iterations, -1)
				dev.Sync()
			}
			flops := 2 * float64(n*k*d) * (iterations + 1) * float64(b.N)
			b.ReportMetric(flops/b.Elapsed().Seconds()/1e12, "TFLOP/s")
		})
	}
}
