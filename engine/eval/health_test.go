package eval

import (
	"math"
	"testing"

	"udml-gpu/kernels"
)

func TestEffectiveRank(t *testing.T) {
	dev := kernels.CPU()
	nan := float32(math.NaN())
	cases := []struct {
		rows [][]float32
		want float64
	}{
		{[][]float32{{3, 0, 0}, {0, 3, 0}, {0, 0, 3}, {0, 0, 0}}, 3},
		{[][]float32{{1, 2}, {2, 4}, {3, 6}}, 1},
		{[][]float32{{5, 5, 5}}, 1},
		{[][]float32{{0, 0}, {0, 0}}, 0},
		{[][]float32{{0, nan}, {0, 0}}, 0},
	}
	for _, c := range cases {
		if got := EffectiveRank(rowsOf(c.rows)); !near(got, c.want, 1e-6) {
			t.Errorf("%v: %g, want %g", c.rows, got, c.want)
		}
	}
	if got := EffectiveRank(dev.New(kernels.Float32, 0, 3)); got != 0 {
		t.Errorf("no rows: %g", got)
	}
}

func TestAgreementAndViewRecall(t *testing.T) {
	same := [][]float32{{1, 0}, {0, 2}, {-1, -1}, {5, 0}, {0, 1}, {-2, -2}}
	swapped := [][]float32{{1, 0}, {0, 1}, {0, 3}, {3, 0}}
	cases := []struct {
		name              string
		rows              [][]float32
		agreement, recall float64
	}{
		{"same", same, 1, 1}, {"swapped", swapped, 0, 0}, {"zero rows", [][]float32{{0, 0}, {0, 0}}, 0, 1},
	}
	for _, c := range cases {
		if got := Agreement(rowsOf(c.rows)); !near(got, c.agreement, 1e-6) {
			t.Errorf("%s: agreement %g, want %g", c.name, got, c.agreement)
		}
		if got, err := ViewRecall(rowsOf(c.rows), nil); err != nil || got != c.recall {
			t.Errorf("%s: view recall %g, want %g", c.name, got, c.recall)
		}
	}
	none := kernels.CPU().New(kernels.Float32, 0, 2)
	if recall, err := ViewRecall(none, nil); Agreement(none) != 0 || recall != 0 || err != nil {
		t.Error("no rows give something")
	}
}

func TestUsage(t *testing.T) {
	for _, c := range []struct {
		k, images int
		want      float64
	}{{32, 1, 1}, {2, 2, 1.5}, {1, 5, 1}, {1, 0, 0}, {7, 0, 0}, {0, 3, 0}, {10, 1e6, 10}} {
		if got := ExpectedLive(c.k, c.images); !near(got, c.want, 1e-9) {
			t.Errorf("%d clusters, %d images: %g live, want %g", c.k, c.images, got, c.want)
		}
	}
	for _, c := range []struct {
		sizes []int64
		want  float64
	}{{[]int64{5, 5, 5}, 1}, {[]int64{9, 0, 0, 0}, 0}, {[]int64{2, 2, 0, 0}, 0.5}, {[]int64{3}, 0}, {nil, 0}, {[]int64{0, 0}, 0}} {
		if got := UsageEntropy(c.sizes); !near(got, c.want, 1e-12) {
			t.Errorf("%v: entropy %g, want %g", c.sizes, got, c.want)
		}
	}
}
