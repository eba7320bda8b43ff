package cluster

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
)

// sameCase is n rows of a few distinct ones, each column of each row off by up to noise times the row's length.
type sameCase struct {
	n, distinct, k, d int
	length, noise     float64
}

var sameCases = []sameCase{
	{24, 1, 3, 512, 1, 1e-7},      // identical images, as they come from a network
	{24, 1, 24, 128, 1, 1e-7},     // as many clusters as images
	{24, 3, 3, 512, 1, 1e-7},      // three pictures
	{24, 3, 5, 512, 30, 1e-7},     // more clusters than pictures
	{24, 3, 2, 64, 1e-6, 1e-7},    // fewer; short rows
	{65, 2, 7, 8, 1e6, 2e-7},      // narrow, long rows
	{3000, 5, 9, 16, 1, 1e-7},     // several tiles
	{1, 1, 1, 16, 1, 0},           // one image
	{6, 6, 6, 16, 1, 0},           // nothing but distinct rows
	{24, 2, 4, 512, 0, 0},         // zeros
	{24, 3, 4, 64, 1, 1e-9},       // below the last bit of most columns
	{200, 40, 60, 32, 1, 0x1p-23}, // many
}

// rows are the case's; row i is of picture i mod distinct.
func (s sameCase) rows(t kernels.DType) *kernels.Array {
	dev := kernels.CPU()
	picture := optest.Uniform(dev, kernels.Float64, 1, 0, 1, s.distinct, s.d)
	noise := optest.Uniform(dev, kernels.Float64, 2, -1, 1, s.n, s.d)
	x := dev.New(t, s.n, s.d)
	for i := range s.n {
		square := 0.0
		for p := range s.d {
			v := optest.Get(picture, i%s.distinct*s.d+p)
			square += v * v
		}
		unit := s.length / math.Sqrt(square)
		for p := range s.d {
			v := unit * optest.Get(picture, i%s.distinct*s.d+p)
			// A row that is off by noise in each column is off by noise sqrt(D) in all of them.
			optest.Set(x, i*s.d+p, v+s.length*s.noise*optest.Get(noise, i*s.d+p)/math.Sqrt(float64(s.d)))
		}
	}
	return x
}

// check holds labels against the pictures: one label each, and another for each other as long as there are clusters.
func (s sameCase) check(t *testing.T, labels []int32) {
	t.Helper()
	distinct := s.distinct
	if s.length == 0 {
		distinct = 1
	}
	used := map[int32]bool{}
	for i, l := range labels {
		if l != labels[i%s.distinct] {
			t.Fatalf("%+v: row %d has label %d, its picture %d: %v", s, i, l, labels[i%s.distinct], labels)
		}
		used[l] = true
	}
	if want := min(distinct, s.k); len(used) != want {
		t.Errorf("%+v: %d clusters are used, want %d: %v", s, len(used), want, labels)
	}
}

// Rows that differ by rounding are one: they have one label, and no centroid of their own.
func TestKMeansTakesRoundingForNone(t *testing.T) {
	for _, s := range sameCases {
		for seed := range uint64(5) {
			_, labels, inertia := KMeans(s.rows(kernels.Float32), s.k, KMeansOptions{
				Restarts: 2, Iterations: 20, Seed: seed,
				Tolerance: 1e-4,
			})
			s.check(t, kernels.Data[int32](labels))
			if s.k >= s.distinct && !(inertia <= float64(s.n)*sameFactor(kernels.Float32, s.d)*s.length*s.length) {
				t.Errorf("%+v: inertia %g", s, inertia)
			}
		}
	}
}

// In float64 the same difference is a difference.
func TestKMeansSeesDifferencesOfItsType(t *testing.T) {
	s := sameCase{n: 8, distinct: 8, k: 8, d: 16, length: 1, noise: 0}
	x := s.rows(kernels.Float64)
	for i := range s.n {
		for p := range s.d {
			optest.Set(x, i*s.d+p, 1+1e-9*float64(i))
		}
	}
	_, labels, _ := KMeans(x, s.k, KMeansOptions{Restarts: 1, Iterations: 20})
	s.check(t, kernels.Data[int32](labels))
}

// The centroids that are left over are NaN, and Assign gives the rows the labels that they have.
func TestCentroidsLeftOver(t *testing.T) {
	s := sameCase{24, 3, 5, 64, 1, 1e-7}
	x := s.rows(kernels.Float32)
	c, labels, _ := KMeans(x, s.k, KMeansOptions{Restarts: 1, Iterations: 20, Seed: 3})
	again := kernels.CPU().New(kernels.Int32, s.n)
	Assign(again, nil, x, c)
	if fmt.Sprint(kernels.Data[int32](again)) != fmt.Sprint(kernels.Data[int32](labels)) {
		t.Errorf("labels %v, the centroids give %v", labels, again)
	}
	empty := 0
	for j := range s.k {
		if v := optest.Get(c, j*s.d); v != v {
			empty++
		}
	}
	if empty != s.k-s.distinct {
		t.Errorf("%d centroids are left over, want %d", empty, s.k-s.distinct)
	}
}

// TestKMeansTakesRoundingForNoneOnGPU is the same on a GPU.
func TestKMeansTakesRoundingForNoneOnGPU(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, dev *kernels.Device) {
		before := dev.LiveBytes()
		for _, s := range sameCases {
			x := s.rows(kernels.Float32).To(dev)
			c, labels, _ := KMeans(x, s.k, KMeansOptions{Restarts: 2, Iterations: 20, Seed: 1, Tolerance: 1e-4})
			s.check(t, kernels.Read[int32](labels))
			for _, a := range []*kernels.Array{x, c, labels} {
				a.Free()
			}
		}
		if n := dev.LiveBytes() - before; n != 0 {
			t.Errorf("%d bytes are left over", n)
		}
	})
}
