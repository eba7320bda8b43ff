package cluster

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

var floatTypes = []kernels.DType{kernels.Float32, kernels.Float64}

// N, K, D: nothing, one, primes, many clusters.
var assignShapes = [][3]int{{0, 3, 2}, {4, 0, 2}, {3, 2, 0}, {1, 1, 1}, {7, 3, 5}, {257, 31, 3}, {40, 1031, 2}}

// whole rounds to whole numbers: all distances are then exact, and ties are many.
func whole(a *kernels.Array) *kernels.Array {
	for i := range a.Len() {
		optest.Set(a, i, math.Floor(optest.Get(a, i)))
	}
	return a
}

func TestAssign(t *testing.T) {
	dev := kernels.CPU()
	for _, dt := range floatTypes {
		for _, s := range assignShapes {
			n, k, d := s[0], s[1], s[2]
			x, c := whole(optest.Uniform(dev, dt, 1, -3, 4, n, d)), whole(optest.Uniform(dev, dt, 2, -3, 4, k, d))
			if n > 5 {
				optest.Set(x, 3, math.NaN())
			}
			label, again, dist := dev.New(kernels.Int32, n), dev.New(kernels.Int32, n), optest.Poisoned(dev, dt, n)
			Assign(label, dist, x, c)
			Assign(again, nil, x, c)
			want, wantDist := make([]int32, n), make([]float64, n)
			assignLoop(want, wantDist, kernels.Data[float64](optest.As(x, kernels.Float64)),
				kernels.Data[float64](optest.As(c, kernels.Float64)), k, d)
			if got := kernels.Data[int32](label); !slices.Equal(got, want) || !slices.Equal(kernels.Data[int32](again), want) {
				t.Fatalf("%v %v: labels %v, want %v", dt, s, got, want)
			}
			optest.Near(t, fmt.Sprint(dt, s), dist, kernels.Of(dev, wantDist, n), 0)
		}
	}
}

func TestCentroids(t *testing.T) {
	dev := kernels.CPU()
	for _, dt := range floatTypes {
		for _, s := range assignShapes {
			n, k, d := s[0], s[1], s[2]
			x, c, label := optest.Uniform(dev, dt, 1, -3, 4, n, d), optest.Poisoned(dev, dt, k, d), dev.New(kernels.Int32, n)
			for i := range n { // the last cluster stays empty, every fifth row has none
				kernels.Data[int32](label)[i] = int32(i * i % max(1, k-1))
				if i%5 == 4 || k == 0 {
					kernels.Data[int32](label)[i] = -1
				}
			}
			want, count, wantCount := optest.As(c, kernels.Float64), dev.New(kernels.Int32, k), make([]int32, k)
			Centroids(c, count, x, label)
			centroidsLoop(kernels.Data[float64](want), kernels.Data[float64](optest.As(x, kernels.Float64)), wantCount,
				kernels.Data[int32](label), d)
			optest.Near(t, fmt.Sprint(dt, s), c, want, 1e-7)
			if got := kernels.Data[int32](count); !slices.Equal(got, wantCount) {
				t.Fatalf("%v %v: counts %v, want %v", dt, s, got, wantCount)
			}
		}
	}
}
