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
)

// withinCase is a case of testdata/within.json (scripts/goldens_within.py).
type withinCase struct {
	Name       string      `json:"name"`
	Features   [][]float64 `json:"features"`
	Of         []int32     `json:"of"`
	Views      [][]float64 `json:"views"`
	Dim        int         `json:"dim"`
	Mean       []float64   `json:"mean"`
	Values     []float64   `json:"values"`
	Projection [][]float64 `json:"projection"`
}

// TestWithinEqualsSciPy: both compute in float64, with condition numbers of S below 1e3 and eigenvalues that are at least 1 % apart.
func TestWithinEqualsSciPy(t *testing.T) {
	b, err := os.ReadFile("../../testdata/within.json")
	var cases []withinCase
	if err == nil {
		err = json.Unmarshal(b, &cases)
	}
	if err != nil || len(cases) == 0 {
		t.Fatalf("goldens: %v, %d cases", err, len(cases))
	}
	for _, c := range cases {
		of := func(rows [][]float64) *kernels.Array {
			return kernels.Of(kernels.CPU(), slices.Concat(rows...), len(rows), len(rows[0]))
		}
		f, err := FitWithin(of(c.Features), c.Of, of(c.Views), c.Dim)
		if err != nil || f.Dim() != len(c.Values) || f.Shrunk != 0 {
			t.Fatalf("%s: %+v, %v, want %d directions", c.Name, f, err, len(c.Values))
		}
		for i, m := range c.Mean {
			if !(math.Abs(f.Mean[i]-m) <= 1e-12) {
				t.Errorf("%s: mean %d is %g, want %g", c.Name, i, f.Mean[i], m)
			}
			for k, want := range c.Projection[i] {
				if got := f.Projection.At(i, k); !(math.Abs(got-want) <= 1e-9) {
					t.Errorf("%s: projection [%d,%d] is %g, want %g", c.Name, i, k, got, want)
				}
			}
		}
	}
}

// viewed are n images of c columns around 3 and two views of each of the first m, those of the one kind after those of the other; they
// differ from the image by up to spread(p) in column p.
func viewed(n, m, c int, spread func(p int) float64) (x *kernels.Array, of []int32, views *kernels.Array) {
	cpu := kernels.CPU()
	x = optest.Uniform(cpu, kernels.Float32, 1, 2, 4, n, c)
	views = optest.Uniform(cpu, kernels.Float32, 2, -1, 1, 2*m, c)
	for i := range 2 * m {
		of = append(of, int32(i%m))
		for p := range c {
			optest.Set(views, i*c+p, optest.Get(x, i%m*c+p)+spread(p)*optest.Get(views, i*c+p))
		}
	}
	return x, of, views
}

// meanProduct is mean r r^T over n rows, by a plain loop.
func meanProduct(n, c int, row func(i, p int) float64) *mat.Dense {
	out := mat.NewDense(c, c, nil)
	for i := range n {
		for p := range c {
			for q := range c {
				out.Set(p, q, out.At(p, q)+row(i, p)*row(i, q)/float64(n))
			}
		}
	}
	return out
}

// TestWithinIsDefined holds the definition by plain loops: V^T S V = I and V^T S_t V = diag(lambda), largest first. It reaches over blocks
// of rows.
func TestWithinIsDefined(t *testing.T) {
	const n, m, c = gramRows + 30, gramRows + 7, 6
	x, of, views := viewed(n, m, c, func(p int) float64 { return 0.1 + 0.3*float64(p) })
	f, err := FitWithin(x, of, views, c)
	if err != nil || f.Dim() != c {
		t.Fatal(f, err)
	}
	total := meanProduct(n, c, func(i, p int) float64 { return optest.Get(x, i*c+p) - f.Mean[p] })
	s := meanProduct(2*m, c, func(i, p int) float64 { return optest.Get(x, i%m*c+p) - optest.Get(views, i*c+p) })
	even, all := 0.1*mat.Trace(s)/c, 0.3*mat.Trace(s)/mat.Trace(total)
	for p := range c {
		for q := range c {
			s.Set(p, q, 0.6*s.At(p, q)+all*total.At(p, q))
		}
		s.Set(p, p, s.At(p, p)+even)
	}
	var one, lambda mat.Dense
	one.Product(f.Projection.T(), s, f.Projection)
	lambda.Product(f.Projection.T(), total, f.Projection)
	before := math.Inf(1)
	for p := range c {
		for q := range c {
			want := 0.0
			if p == q {
				want = 1
			}
			if !(math.Abs(one.At(p, q)-want) <= 1e-12) || p != q && !(math.Abs(lambda.At(p, q)) <= 1e-12*lambda.At(0, 0)) {
				t.Errorf("[%d,%d]: %g within images, %g of all", p, q, one.At(p, q), lambda.At(p, q))
			}
		}
		if v := lambda.At(p, p); !(v > 0 && v < before) {
			t.Errorf("value %d is %g, before it %g", p, v, before)
		}
		before = lambda.At(p, p)
	}
}

// TestWithinIsNoScale: features in other units, and moved, have the same directions and transformed features.
func TestWithinIsNoScale(t *testing.T) {
	x, of, views := viewed(50, 50, 5, func(p int) float64 { return float64(1+p) / 4 })
	first, err := FitWithin(x, of, views, 5)
	if err != nil {
		t.Fatal(err)
	}
	want := kernels.Read[float32](first.Apply(x))
	for _, array := range []*kernels.Array{x, views} {
		for i := range array.Len() {
			optest.Set(array, i, 64*optest.Get(array, i))
		}
	}
	other, err := FitWithin(x, of, views, 5)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range kernels.Read[float32](other.Apply(x)) { // 64 is a power of two: features are exact, sums in float64
		if !(math.Abs(float64(v-want[i])) <= 1e-4*(1+math.Abs(float64(want[i])))) {
			t.Fatalf("element %d is %g, want %g", i, v, want[i])
		}
	}
}

// TestWithinOfFewImages: with fewer images than columns there are at most as many directions as images differ in; identical pictures have
// none, whatever rounding says, and a constant column plays no part.
func TestWithinOfFewImages(t *testing.T) {
	for _, c := range []struct{ n, distinct, columns, want int }{
		{7, 7, 64, 6}, {24, 2, 512, 1}, {24, 3, 128, 2}, {65, 5, 64, 4}, {600, 4, 64, 3}, {24, 1, 512, 0}, {2, 1, 8, 0}, {600, 1, 64, 0},
	} {
		x := pictures(c.n, c.distinct, c.columns, 0, 3e-7)
		_, of, views := viewed(c.n, c.n, c.columns, func(int) float64 { return 0.1 })
		f, err := FitWithin(x, of, views, 128)
		if c.want == 0 {
			if err == nil || !strings.Contains(err.Error(), "are the same, there is nothing to whiten") {
				t.Errorf("%+v: %v, error %v", c, f, err)
			}
		} else if err != nil || f.Dim() != c.want {
			t.Errorf("%+v: %v, error %v", c, f, err)
		}
	}
	x, of, views := viewed(40, 40, 6, func(p int) float64 { return float64(p) })
	for i := range 40 {
		for _, array := range []*kernels.Array{x, views} {
			optest.Set(array, i*6+3, 0.7)
		}
	}
	if f, err := FitWithin(x, of, views, 6); err != nil || f.Dim() != 5 {
		t.Errorf("with a constant column: %v, %v", f, err)
	}
}

func TestFitWithinErrors(t *testing.T) {
	x, of, views := viewed(6, 6, 3, func(int) float64 { return 1 })
	bad := optest.Uniform(kernels.CPU(), kernels.Float32, 1, -1, 1, 6, 3)
	badViews := optest.Uniform(kernels.CPU(), kernels.Float32, 1, -1, 1, 12, 3)
	optest.Set(bad, 10, math.NaN())
	optest.Set(badViews, 10, math.NaN())
	same, noise := kernels.CPU().New(kernels.Float32, 12, 3), optest.Uniform(kernels.CPU(), kernels.Float32, 4, -1e-6, 1e-6, 12, 3)
	for i := range same.Len() {
		optest.Set(same, i, optest.Get(x, i%x.Len()))
		optest.Set(noise, i, optest.Get(same, i)+optest.Get(noise, i))
	}
	for _, c := range []struct {
		x, views *kernels.Array
		dim      int
		want     string
	}{
		{x, views, 0, "whitening to 0 dimensions"},
		{x.Rows(0, 1), views, 3, "at least 2 images, there is 1"},
		{bad, views, 3, "features of image 3 are not finite"},
		{x, badViews, 3, "features of view 3 are not finite"},
		{x, same, 3, "have the same features as the image"},
		{x, noise, 3, "have the same features as the image"},
		{x, views.Rows(0, 0), 3, "have the same features as the image"},
	} {
		if f, err := FitWithin(c.x, of[:c.views.Dim(0)], c.views, c.dim); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, error %v, want %q", f, err, c.want)
		}
	}
}

// TestWithinTellsClassesApart: where classes differ in some columns and views in others, which vary as much over all images, the
// transformed features are of the first; those of Fit are of both alike.
func TestWithinTellsClassesApart(t *testing.T) {
	const n, c = 400, 8
	x, of, views := viewed(n, n, c, func(p int) float64 {
		if p < c/2 {
			return 0.05
		}
		return 1
	})
	within, err := FitWithin(x, of, views, c)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := Fit(x, c, 1)
	if err != nil {
		t.Fatal(err)
	}
	if w, p := stable(within, x, views), stable(plain, x, views); !(w > p+0.05) {
		t.Errorf("an image and its view have a mean cosine of %.3f, without within %.3f", w, p)
	}
}

// stable is the mean cosine of transformed rows of x with those of a.
func stable(f *Transform, x, a *kernels.Array) float64 {
	y, z, d, sum := f.Apply(x), f.Apply(a), f.Dim(), 0.0
	for i := range x.Dim(0) {
		var dot, u, v float64
		for p := i * d; p < (i+1)*d; p++ {
			dot, u, v = dot+optest.Get(y, p)*optest.Get(z, p), u+optest.Get(y, p)*optest.Get(y, p), v+optest.Get(z, p)*optest.Get(z, p)
		}
		sum += dot / math.Sqrt(u*v) / float64(x.Dim(0))
	}
	return sum
}
