package whiten

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
)

type whiteningCase struct {
	Name       string      `json:"name"`
	Features   [][]float64 `json:"features"`
	Dim        int         `json:"dim"`
	Power      float64     `json:"power"`
	Mean       []float64   `json:"mean"`
	Projection [][]float64 `json:"projection"`
}

func readCases(t *testing.T) []whiteningCase {
	t.Helper()
	var g struct {
		Whitening []whiteningCase `json:"whitening"`
	}
	b, err := os.ReadFile("../../testdata/eval.json")
	if err == nil {
		err = json.Unmarshal(b, &g)
	}
	if err != nil || len(g.Whitening) == 0 {
		t.Fatalf("goldens: %v, %d cases", err, len(g.Whitening))
	}
	return g.Whitening
}

// errorBounds are the bounds of a mean and, for each column, of the elements of a projection.
type errorBounds struct {
	mean   float64
	column []float64
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
	b := errorBounds{mean: moved + 1e-12}
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
	for _, c := range readCases(t) {
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

// With power 1 the transformed features have the same spread, 1/sqrt(N), in every direction and no correlation.
func TestFullWhitening(t *testing.T) {
	dev := kernels.CPU()
	const n, c = 2500, 9 // several blocks of rows
	x := optest.Uniform(dev, kernels.Float32, 1, -1, 3, n, c)
	for i := range n {
		optest.Set(x, i*c, 50*optest.Get(x, i*c)+optest.Get(x, i*c+1))
	}
	f, err := Fit(x, c, 1)
	if err != nil {
		t.Fatal(err)
	}
	y := kernels.Data[float32](f.Apply(x))
	for a := range c {
		for b := range c {
			sum := 0.0
			for i := range n {
				sum += float64(y[i*c+a]) * float64(y[i*c+b])
			}
			if want := map[bool]float64{true: 1}[a == b]; !(math.Abs(sum-want) <= 1e-4) {
				t.Errorf("covariance [%d,%d] is %g, want %g", a, b, sum, want)
			}
		}
	}
}

func TestScaleTo(t *testing.T) {
	dev := kernels.CPU()
	x := optest.Uniform(dev, kernels.Float32, 1, -1, 3, 50, 6)
	f, err := Fit(x, 3, 0.75)
	if err != nil {
		t.Fatal(err)
	}
	f.ScaleTo(x, 2.5)
	w, b := kernels.Of(dev, f.Weight(), 3, 6), kernels.Of(dev, f.Bias(), 3)
	if got := MeanNorm(x, w, b); !(math.Abs(got-2.5) <= 1e-5) {
		t.Errorf("mean length %g, want 2.5", got)
	}
	if got := MeanNorm(dev.New(kernels.Float32, 0, 6), w, nil); got != 0 {
		t.Errorf("mean length of nothing %g", got)
	}
}

// Directions without spread are left out: features that lie in a plane have two.
func TestRank(t *testing.T) {
	dev := kernels.CPU()
	x := optest.Uniform(dev, kernels.Float32, 1, -1, 3, 40, 5)
	for i := range 40 {
		for p := 2; p < 5; p++ {
			optest.Set(x, i*5+p, optest.Get(x, i*5)*float64(p)-optest.Get(x, i*5+1))
		}
	}
	if f, err := Fit(x, 5, 0.75); err != nil || f.Dim() != 2 {
		t.Errorf("%v, %v", f, err)
	}
}

func TestFitErrors(t *testing.T) {
	dev := kernels.CPU()
	bad := optest.Uniform(dev, kernels.Float32, 1, -1, 1, 4, 3)
	optest.Set(bad, 10, math.Inf(1))
	cases := []struct {
		x    *kernels.Array
		dim  int
		want string
	}{
		{dev.New(kernels.Float32, 1, 3), 2, "at least 2 images, there is 1"},
		{dev.New(kernels.Float32, 5, 3), 2, "are the same"},
		{dev.New(kernels.Float32, 5, 3), 0, "at least 1 is needed"},
		{bad, 2, "image 3 are not finite"},
	}
	for _, c := range cases {
		if _, err := Fit(c.x, c.dim, 0.75); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: error %v, want %q", c.x, err, c.want)
		}
	}
}

func TestSingularValues(t *testing.T) {
	dev := kernels.CPU()
	for _, transpose := range []bool{false, true} {
		x := kernels.Of(dev, []float32{3, 0, 0, 0, 0, 4}, 2, 3)
		if transpose {
			x = kernels.Of(dev, []float32{3, 0, 0, 0, 0, 4}, 3, 2)
		}
		if got := SingularValues(x); len(got) != 2 || !(math.Abs(got[0]-4)+math.Abs(got[1]-3) <= 1e-12) {
			t.Errorf("singular values %v, want 4 and 3", got)
		}
	}
	if got := SingularValues(dev.New(kernels.Float32, 0, 3)); len(got) != 0 {
		t.Errorf("no rows: %v", got)
	}
}

func BenchmarkFit(b *testing.B) {
	x := optest.Uniform(kernels.CPU(), kernels.Float32, 1, -1, 3, 4000, 512)
	for b.Loop() {
		if _, err := Fit(x, 128, 0.75); err != nil {
			b.Fatal(err)
		}
	}
}

// From a GPU the features come as they are, so everything is the same, bit for bit.
func TestFeaturesOnGPU(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, dev *kernels.Device) {
		x := optest.Uniform(kernels.CPU(), kernels.Float32, 1, -1, 3, 50, 6)
		there := x.To(dev)
		f, err := Fit(x, 3, 0.75)
		g, err2 := Fit(there, 3, 0.75)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		f.ScaleTo(x, 2.5)
		g.ScaleTo(there, 2.5)
		if !mat.Equal(f.Projection, g.Projection) || !slices.Equal(f.Mean, g.Mean) {
			t.Errorf("transforms differ: %v, %v", mat.Formatted(f.Projection), mat.Formatted(g.Projection))
		}
		w, b := kernels.Of(dev, g.Weight(), 3, 6), kernels.Of(dev, g.Bias(), 3)
		if got := MeanNorm(there, w, b); !(math.Abs(got-2.5) <= 1e-5) {
			t.Errorf("mean length %g, want 2.5", got)
		}
		y := g.Apply(there)
		if y.Device() != dev || !slices.Equal(kernels.Read[float32](y), kernels.Data[float32](f.Apply(x))) {
			t.Errorf("the transformed features, %v on %s, differ", y, y.Device().Name())
		}
		if got, want := SingularValues(there), SingularValues(x); !slices.Equal(got, want) {
			t.Errorf("singular values %v, want %v", got, want)
		}
		for _, a := range []*kernels.Array{there, w, b, y} {
			a.Free()
		}
		if n := dev.LiveBytes(); n != 0 {
			t.Errorf("%d bytes are left over", n)
		}
	})
}
