package cluster

import (
	"math"
	"runtime"
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/rng"
)

// blobs are n rows around k centres on a grid 10 apart, far from the origin; row i belongs to centre i mod k.
func blobs(dev *kernels.Device, t kernels.DType, n, k, d int) *kernels.Array {
	x := optest.Uniform(dev, t, 1, -1, 1, n, d)
	for i := range n {
		for p := range d {
			at := 100 + 10*float64((i%k)>>(2*p)&3)
			optest.Set(x, i*d+p, optest.Get(x, i*d+p)+at)
		}
	}
	return x
}

func TestKMeansFindsBlobs(t *testing.T) {
	dev := kernels.CPU()
	for _, dt := range floatTypes {
		const n, k, d = 2100, 20, 5
		x := blobs(dev, dt, n, k, d)
		before := dev.LiveBytes()
		c, labels, inertia := KMeans(x, k, KMeansOptions{Restarts: 3, Iterations: 50, Seed: 7})
		l := kernels.Data[int32](labels)
		for i := range l {
			if l[i] != l[i%k] {
				t.Fatalf("%v: row %d is in cluster %d, its blob in %d", dt, i, l[i], l[i%k])
			}
		}
		if !(inertia > 0 && inertia < n*d) {
			t.Errorf("%v: inertia %g", dt, inertia)
		}
		again, sum := dev.New(kernels.Int32, n), 0.0
		dist := dev.New(dt, n)
		Assign(again, dist, x, c)
		if !slices.Equal(kernels.Data[int32](again), l) {
			t.Errorf("%v: labels are not those of the centroids", dt)
		}
		for i := range n {
			sum += optest.Get(dist, i)
		}
		if !(math.Abs(sum-inertia) <= 1e-3*inertia) {
			t.Errorf("%v: inertia %g, the distances add to %g", dt, inertia, sum)
		}
		for _, a := range []*kernels.Array{c, labels, again, dist} {
			a.Free()
		}
		if dev.LiveBytes() != before {
			t.Errorf("%v: %d bytes are left over", dt, dev.LiveBytes()-before)
		}
	}
}

// The same bits on one core and on many, and for the same seed; another seed starts elsewhere.
func TestKMeansIsDeterministic(t *testing.T) {
	dev := kernels.CPU()
	x := optest.Uniform(dev, kernels.Float32, 3, -1, 1, 3000, 7)
	o := KMeansOptions{Restarts: 2, Iterations: 4, Seed: 1, Tolerance: 1e-4}
	c, labels, inertia := KMeans(x, 40, o)
	was := runtime.GOMAXPROCS(1)
	c1, labels1, inertia1 := KMeans(x, 40, o)
	runtime.GOMAXPROCS(was)
	if inertia != inertia1 || !slices.Equal(kernels.Data[int32](labels), kernels.Data[int32](labels1)) ||
		!slices.Equal(kernels.Data[float32](c), kernels.Data[float32](c1)) {
		t.Error("not the same on one core")
	}
	o.Seed = 2
	if _, _, other := KMeans(x, 40, o); other == inertia {
		t.Error("the seed changes nothing")
	}
}

// Lloyd's algorithm never makes the inertia worse, and restarts never make the result worse.
func TestKMeansImproves(t *testing.T) {
	dev := kernels.CPU()
	x := optest.Uniform(dev, kernels.Float64, 3, -1, 1, 500, 3)
	last := math.Inf(1)
	for i := 1; i < 12; i++ {
		_, _, inertia := KMeans(x, 25, KMeansOptions{Iterations: i})
		if !(inertia <= last) {
			t.Errorf("iteration %d: inertia %g after %g", i, inertia, last)
		}
		last = inertia
	}
	if _, _, inertia := KMeans(x, 25, KMeansOptions{Iterations: 11, Restarts: 4}); !(inertia <= last) {
		t.Errorf("restarts: inertia %g after %g", inertia, last)
	}
}

// The starts of one KMeans may be shared out: the best of the shares, the first of equals, is the best of all.
func TestKMeansSharesStarts(t *testing.T) {
	x := optest.Uniform(kernels.CPU(), kernels.Float32, 3, -1, 1, 300, 3)
	c, labels, inertia := KMeans(x, 20, KMeansOptions{Restarts: 5, Iterations: 4})
	best, same := math.Inf(1), false
	for _, share := range [][2]int{{0, 2}, {2, 3}, {3, 5}} {
		own, found, got := KMeans(x, 20, KMeansOptions{First: share[0], Restarts: share[1] - share[0], Iterations: 4})
		if got < best {
			best = got
			same = slices.Equal(kernels.Data[int32](found), kernels.Data[int32](labels)) &&
				slices.Equal(kernels.Data[float32](own), kernels.Data[float32](c))
		} else if got == inertia {
			t.Error("two shares start alike")
		}
	}
	if best != inertia || !same {
		t.Errorf("inertia %g, that of the shares %g, same result: %t", inertia, best, same)
	}
}

// More clusters than distinct rows, all rows equal, one row, k = N: legal, with inertia 0.
func TestKMeansOfFewRows(t *testing.T) {
	dev := kernels.CPU()
	for _, s := range []struct{ n, distinct, k int }{{1, 1, 1}, {9, 1, 4}, {9, 3, 7}, {6, 6, 6}} {
		x := dev.New(kernels.Float32, s.n, 2)
		for i := range s.n {
			optest.Set(x, 2*i, 3+float64(i%s.distinct))
		}
		_, labels, inertia := KMeans(x, s.k, KMeansOptions{Restarts: 2, Iterations: 20})
		used := map[int32]bool{}
		for _, l := range kernels.Data[int32](labels) {
			used[l] = true
		}
		if !(inertia <= 1e-9) || len(used) != s.distinct {
			t.Errorf("%+v: inertia %g, %d clusters used", s, inertia, len(used))
		}
	}
}

// An empty cluster takes the row that is furthest away.
func TestFillEmpty(t *testing.T) {
	dev := kernels.CPU()
	l := newLloyd[float32](kernels.Of(dev, []float32{0, 1, 2, 9}, 4, 1), 3)
	copy(kernels.Data[int32](l.label), []int32{0, 0, 2, 2})
	copy(kernels.Data[float32](l.dist), []float32{0, 1, 4, 9})
	l.fillEmpty()
	if got, want := kernels.Data[int32](l.label), []int32{0, 0, 2, 1}; !slices.Equal(got, want) {
		t.Errorf("labels %v, want %v", got, want)
	}
}

// Rows are drawn with a chance proportional to their squared distance.
func TestStartFollowsDistances(t *testing.T) {
	dev := kernels.CPU()
	l := newLloyd[float64](kernels.Of(dev, []float64{0, 0, 1, 3}, 4, 1), 2)
	drawn := map[float64]int{}
	const draws = 600
	for seed := range uint64(draws) {
		l.start(rng.Key{Seed: seed, Op: rng.OpKMeans})
		c := kernels.Data[float64](l.c)
		if c[0] == c[1] {
			t.Fatalf("seed %d: drew the same place twice", seed)
		}
		drawn[c[0]+l.mean[0]]++
	}
	for place, chance := range map[float64]float64{0: 0.5, 1: 0.25, 3: 0.25} {
		if got := float64(drawn[place]) / draws; !(math.Abs(got-chance) < 0.07) {
			t.Errorf("place %g came first in %.2f of the draws, want %.2f", place, got, chance)
		}
	}
}

func BenchmarkKMeans(b *testing.B) {
	dev := kernels.CPU()
	x := optest.Uniform(dev, kernels.Float32, 1, -1, 1, 60000, 128)
	run := func(name string, f func()) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				f()
			}
		})
	}
	l := newLloyd[float32](x, 1000)
	run("start/60000x128/1000", func() { l.start(rng.Key{}) })
	run("assign/60000x128/1000", func() { Assign(l.label, l.dist, l.x, l.c) })
	run("centroids/60000x128/1000", func() { Centroids(l.c, l.count, l.x, l.label) })
}
