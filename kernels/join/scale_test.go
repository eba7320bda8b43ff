package join

import (
	"math"
	"testing"

	"udml-gpu/kernels"
)

func TestScaleAndAddScaled(t *testing.T) {
	dev := kernels.CPU()
	x := kernels.Of(dev, []float64{1, -2, math.NaN()}, 3)
	y := kernels.Of(dev, []float64{9, 9, 9}, 3)
	s := kernels.Of(dev, []float64{0.5}, 1)
	Scale(nil, x, s)
	Scale(y, x, s)
	if d := kernels.Data[float64](y); d[0] != 0.5 || d[1] != -1 || !math.IsNaN(d[2]) {
		t.Fatalf("scale gave %v", d)
	}
	AddScaled(y, x, 2)
	if d := kernels.Data[float64](y); d[0] != 2.5 || d[1] != -5 || !math.IsNaN(d[2]) {
		t.Fatalf("add scaled gave %v", d)
	}
	Scale(x, x, s)
	if d := kernels.Data[float64](x); d[0] != 0.5 {
		t.Fatalf("in place gave %v", d)
	}
}
