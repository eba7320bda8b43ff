package golden

import (
	"math"
	"slices"
	"testing"
)

func TestChannelsLast(t *testing.T) {
	v, shape := ChannelsLast([]float64{0, 1, 2, 10, 11, 12}, []int{1, 2, 1, 3})
	if !slices.Equal(v, []float64{0, 10, 1, 11, 2, 12}) || !slices.Equal(shape, []int{1, 1, 3, 2}) {
		t.Errorf("%v %v", v, shape)
	}
}

func TestNearNotices(t *testing.T) {
	nan := math.NaN()
	for name, c := range map[string]struct {
		got  []float64
		fail bool
	}{
		"equal": {[]float64{1, -4}, false}, "inside": {[]float64{1.003, -4}, false}, "outside": {[]float64{1.005, -4}, true},
		"NaN first": {[]float64{nan, -4}, true}, "NaN last": {[]float64{1.003, nan}, true},
	} {
		r := &Recorder{TB: t}
		near(r, name, c.got, []float64{1, -4}, 1e-3)
		if r.Failed() != c.fail {
			t.Errorf("%s: failed is %v", name, r.Failed())
		}
	}
}

// The script and Parameter must agree to the bit: networks are compared without storing their weights.
func TestParameter(t *testing.T) {
	w := Parameter("features.0.weight", 64, 1, 3, 3)
	bound := 2 * math.Sqrt(6.0/9)
	for i := 0; i < len(w); i += 9 {
		sum := 0.0
		for _, v := range w[i : i+9] {
			if sum += float64(v); !(math.Abs(float64(v)) <= bound) {
				t.Fatalf("a weight is %g", v)
			}
		}
		if !(math.Abs(sum) <= 1e-6) {
			t.Fatalf("a filter sums to %g", sum)
		}
	}
	for _, v := range Parameter("features.1.running_var", 64) {
		if !(v >= 0.8 && v < 1.2) {
			t.Fatalf("running variance %g", v)
		}
	}
	f := Open(t, "networks")
	want := f.Floats("check/features.0.weight")
	for i, v := range w {
		if float64(v) != want[i] {
			t.Fatalf("element %d is %g, the script has %g", i, v, want[i])
		}
	}
}

func TestSummary(t *testing.T) {
	v := make([]float64, 130)
	for i := range v {
		v[i] = float64(-i)
	}
	s := Summary(v)
	if len(s) != 67 || s[0] != -8385 || s[1] != 8385 || s[2] != 129 || s[3] != 0 || s[66] != -126 {
		t.Errorf("%v", s)
	}
	if s := Summary([]float64{3}); !slices.Equal(s, []float64{3, 3, 3, 3}) {
		t.Errorf("%v", s)
	}
}

// The scripts hold inputs away from ties, and refuse cases, by the same numbers; every comparison in float32 has a bound that says
// something.
func TestBounds(t *testing.T) {
	for _, name := range []string{
		"act", "conv", "distance", "gemm", "loss", "lrn", "networks", "norm", "pool", "resize", "tokens",
		"training", "update",
	} {
		f := Open(t, name)
		m := f.metadata()
		if m.Factor != Factor || m.Floor != Floor || len(m.Errors) == 0 {
			t.Errorf("%s: factor %g, floor %g, %d errors; the tests have %g and %g", name, m.Factor, m.Floor, len(m.Errors),
				float64(Factor), Floor)
		}
		for tensor := range m.Errors {
			if b := f.Bound(tensor); !f.Has(tensor) || !(b >= Floor && b < 0.1) {
				t.Errorf("%s: %s has bound %g", name, tensor, b)
			}
		}
	}
}
