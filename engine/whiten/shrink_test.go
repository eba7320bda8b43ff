package whiten

import (
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

// shrinkageCase is scikit-learn's ledoit_wolf of some features: the coefficient, and the variances of its covariance, largest first.
type shrinkageCase struct {
	Name        string      `json:"name"`
	Features    [][]float64 `json:"features"`
	Coefficient float64     `json:"coefficient"`
	Variances   []float64   `json:"variances"`
}

// TestShrinkage: a column of the projection has the length S^-power, and thus gives the variance S^2 / N that it was scaled by. All is
// computed in float64 from features of some units; the smallest variance is above 1e-3.
func TestShrinkage(t *testing.T) {
	for _, c := range readGoldens(t).Shrinkage {
		n := float64(len(c.Features))
		x := kernels.Of(kernels.CPU(), slices.Concat(c.Features...), len(c.Features), len(c.Features[0]))
		for _, power := range []float64{0.5, 0.75, 1} {
			f, err := Fit(x, 128, power)
			if err != nil {
				t.Fatal(err)
			}
			if !(math.Abs(f.Shrunk-c.Coefficient) <= 1e-10) {
				t.Errorf("%s: coefficient %g, want %g", c.Name, f.Shrunk, c.Coefficient)
			}
			for k := range f.Dim() {
				got := math.Pow(mat.Norm(f.Projection.ColView(k), 2), -2/power) / n
				if want := c.Variances[k]; !(math.Abs(got-want) <= 1e-9*want) {
					t.Errorf("%s, power %g: variance %d is %g, want %g", c.Name, power, k, got, want)
				}
			}
		}
	}
}

// TestManyImagesAreNotShrunk: from 4 images for each dimension on nothing changes, and the sentence says when something does.
func TestManyImagesAreNotShrunk(t *testing.T) {
	x := optest.Uniform(kernels.CPU(), kernels.Float32, 1, -1, 1, 64, 16)
	for i := range x.Len() {
		optest.Set(x, i, optest.Get(x, i)*math.Pow(0.8, float64(i%16)))
	}
	f, err := Fit(x, 16, 0.75)
	if err != nil || f.Shrunk != 0 || f.Note() != "" {
		t.Errorf("64 images: shrunk by %g, %q, %v", f.Shrunk, f.Note(), err)
	}
	f, err = Fit(x.Rows(0, 63), 16, 0.75)
	note := "63 images are few for features of 16 dimensions: their variances are shrunk by 0."
	if err != nil || !(f.Shrunk > 0) || !strings.HasPrefix(f.Note(), note) {
		t.Errorf("63 images: shrunk by %g, %q, %v", f.Shrunk, f.Note(), err)
	}
}

// TestShrinkageHelps: variances estimated from as many images as dimensions make a better whitening when they are shrunk: the features
// of other images have more equal variances. The true ones are 1 and 2.
func TestShrinkageHelps(t *testing.T) {
	const c = 32
	uniform := func(seed uint64, n int) *kernels.Array {
		return optest.Uniform(kernels.CPU(), kernels.Float32, seed, -1, 1, n, c)
	}
	seen, others := uniform(1, c+2), uniform(2, 4000)
	for _, x := range []*kernels.Array{seen, others} {
		for i := 0; i < x.Len(); i += 2 {
			optest.Set(x, i, math.Sqrt2*optest.Get(x, i))
		}
	}
	f, err := Fit(seen, c, 1)
	if err != nil || f.Dim() != c {
		t.Fatal(f, err)
	}
	s, v, err := decompose(seen, f.Mean)
	if err != nil {
		t.Fatal(err)
	}
	plain := &Transform{Mean: f.Mean, Projection: mat.NewDense(c, c, nil)}
	for k := range c {
		plain.Projection.SetCol(k, mat.Col(nil, 0, scaled(v.ColView(k), 1/s[k])))
	}
	if with, without := unequal(f.Apply(others)), unequal(plain.Apply(others)); !(with < without/10) {
		t.Errorf("the largest variance of other images is %.3g times the smallest, without shrinking %.3g times", with, without)
	}
}

// unequal is the largest variance of y's columns, whose means are near 0, by the smallest.
func unequal(y *kernels.Array) float64 {
	n, c := y.Dim(0), y.Dim(1)
	squares := make([]float64, c)
	for i := range n * c {
		squares[i%c] += optest.Get(y, i) * optest.Get(y, i)
	}
	return slices.Max(squares) / slices.Min(squares)
}
