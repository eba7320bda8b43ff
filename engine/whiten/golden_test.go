package whiten

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

type whiteningCase struct {
	Name       string      `json:"name"`
	Features   [][]float64 `json:"features"`
	Dim        int         `json:"dim"`
	Power      float64     `json:"power"`
	Mean       []float64   `json:"mean"`
	Projection [][]float64 `json:"projection"`
}

// goldens is the part of testdata/eval.json (scripts/goldens_eval.py) used here.
type goldens struct {
	Whitening []whiteningCase `json:"whitening"`
	Shrinkage []shrinkageCase `json:"shrinkage"`
}

func readGoldens(t *testing.T) (g goldens) {
	t.Helper()
	b, err := os.ReadFile("../../testdata/eval.json")
	if err == nil {
		err = json.Unmarshal(b, &g)
	}
	if err != nil || len(g.Whitening) == 0 || len(g.Shrinkage) == 0 {
		t.Fatalf("goldens: %v, %d and %d cases", err, len(g.Whitening), len(g.Shrinkage))
	}
	return g
}

// errorBounds are the bounds of a mean and, for each column, of the elements of a projection.
type errorBounds struct {
	mean     float64
	column   []float64
	singular []float64
}

// projectionBounds is how much rounding the features, by u of each, may change a fit computed in float64. The matrix X of features
// less their mean changes by |E| <= 2 u |features|, including the change of the mean. Column k is v_k S_k^-p: by first-order perturbation
// of the eigenvectors of X^T X, v_k changes by at most 2 |E| S_0 / min_j |S_k^2 - S_j^2|, and S_k by |E| (Weyl). Doubled for the terms of
// second order, plus 1e-12 for the float64 arithmetic here and in the golden.
func projectionBounds(c whiteningCase, u float64) errorBounds {
	n, width := len(c.Features), len(c.Mean)
	x, square := mat.NewDense(n, width, nil), 0.0
	for i, row := range c.Features {
		for j, v := range row {
			x.Set(i, j, v-c.Mean[j])
			square += v * v
		}
	}
	var svd mat.SVD
	svd.Factorize(x, mat.SVDNone)
	s, moved := append(svd.Values(nil), make([]float64, width)...), 2*u*math.Sqrt(square)
	b := errorBounds{mean: moved + 1e-12, singular: s}
	for k := range c.Projection[0] {
		gap := math.Inf(1)
		for j := range width {
			if j != k {
				gap = min(gap, math.Abs(s[k]*s[k]-s[j]*s[j]))
			}
		}
		b.column = append(b.column, 2*math.Pow(s[k], -c.Power)*moved*(2*s[0]/gap+c.Power/s[k])+1e-12)
	}
	return b
}

func TestFitEqualsSVD(t *testing.T) {
	dev := kernels.CPU()
	for _, c := range readGoldens(t).Whitening {
		x := kernels.Of(dev, slices.Concat(c.Features...), len(c.Features), len(c.Mean))
		for _, dt := range []kernels.DType{kernels.Float64, kernels.Float32} {
			bounds := projectionBounds(c, map[kernels.DType]float64{kernels.Float64: 0x1p-53, kernels.Float32: 0x1p-24}[dt])
			f, err := Fit(optest.As(x, dt), c.Dim, c.Power)
			if err != nil {
				t.Fatal(err)
			}
			rows, cols := f.Projection.Dims()
			if rows != len(c.Mean) || cols != len(c.Projection[0]) {
				t.Fatalf("%s: projection is %dx%d, want %dx%d", c.Name, rows, cols, len(c.Mean), len(c.Projection[0]))
			}
			if few := len(c.Features) < shrinkBelow*len(c.Mean); (f.Shrunk > 0) != few {
				t.Errorf("%s: shrunk by %g", c.Name, f.Shrunk)
			} else if few { // TestShrinkage holds the lengths of the columns; PyTorch's are those of the directions as they are
				for k := range cols {
					column := f.Projection.ColView(k)
					f.Projection.SetCol(k, mat.Col(nil, 0, scaled(column, math.Pow(bounds.singular[k], -c.Power)/mat.Norm(column, 2))))
				}
			}
			for i, m := range c.Mean {
				if !(math.Abs(f.Mean[i]-m) <= bounds.mean) {
					t.Errorf("%s: mean %d is %g, want %g within %.2g", c.Name, i, f.Mean[i], m, bounds.mean)
				}
				for k, want := range c.Projection[i] {
					if got := f.Projection.At(i, k); !(math.Abs(got-want) <= bounds.column[k]) {
						t.Fatalf("%s %v: projection [%d,%d] is %g, want %g within %.2g", c.Name, dt, i, k, got, want, bounds.column[k])
					}
				}
			}
		}
	}
}

func scaled(v mat.Vector, by float64) *mat.VecDense {
	out := mat.NewVecDense(v.Len(), nil)
	out.ScaleVec(by, v)
	return out
}
