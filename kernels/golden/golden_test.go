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

// recorder notes whether a comparison failed.
type recorder struct {
	testing.TB
	failed bool
}

func (r *recorder) Helper()               {}
func (r *recorder) Errorf(string, ...any) { r.failed = true }

func TestNearNotices(t *testing.T) {
	nan := math.NaN()
	for name, c := range map[string]struct {
		got  []float64
		fail bool
	}{
		"equal": {[]float64{1, -4}, false}, "inside": {[]float64{1.003, -4}, false}, "outside": {[]float64{1.005, -4}, true},
		"NaN first": {[]float64{nan, -4}, true}, "NaN last": {[]float64{1.003, nan}, true},
	} {
		r := &recorder{TB: t}
		near(r, name, c.got, []float64{1, -4}, 1e-3)
		if r.failed != c.fail {
			t.Errorf("%s: failed is %v", name, r.failed)
		}
	}
}

// The script and Parameter must agree to the bit: networks are compared without storing their weights.
func TestParameter(t *testing.T) {
	w := Parameter("features.0.weight", 64, 1, 3, 3)
	bound := math.Sqrt(6.0 / 9)
	for i, v := range w {
		if !(math.Abs(float64(v)) <= bound) {
			t.Fatalf("element %d is %g", i, v)
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
	if len(s) != 66 || s[0] != -8385 || s[1] != 8385 || s[2] != 0 || s[65] != -126 {
		t.Errorf("%v", s)
	}
	if s := Summary([]float64{3}); !slices.Equal(s, []float64{3, 3, 3}) {
		t.Errorf("%v", s)
	}
}
