package whiten

import (
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
)

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
