package pretrained

import (
	"math"
	"strings"
	"testing"
)

func TestSqueezeNet(t *testing.T) {
	f, err := SqueezeNet()
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Tensors) != 50 { // 25 convolutions with biases
		t.Errorf("%d tensors, want 50", len(f.Tensors))
	}
	for _, x := range f.Tensors {
		v, err := x.Float32s()
		if err != nil || !strings.HasPrefix(x.Name, "features.") {
			t.Fatalf("%s: %v", x.Name, err)
		}
		for _, e := range v {
			if math.IsNaN(float64(e)) || math.IsInf(float64(e), 0) {
				t.Fatalf("%s holds %g", x.Name, e)
			}
		}
	}
	first, ok := f.Get("features.0.weight")
	if !ok || len(first.Shape) != 4 || first.Shape[0] != 96 || first.Shape[3] != 7 {
		t.Errorf("features.0.weight is %v", first)
	}
	if !strings.Contains(SqueezeNetLicense(), "BSD") {
		t.Error("the licence is missing")
	}
}
