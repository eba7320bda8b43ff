package backbone

import (
	"math"
	"strings"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// TestStages: features of several stages are those of each, pooled and at length 1, side by side; those of the last alone are its own.
func TestStages(t *testing.T) {
	net, err := Find("squeezenet")
	if err != nil {
		t.Fatal(err)
	}
	dev := kernels.CPU()
	images := optest.Uniform(dev, kernels.Float64, 1, 0, 1, 2, 48, 48, 3)
	of := func(taken int) ([]float64, int) {
		n, err := net.Together(taken)
		if err != nil {
			t.Fatal(err)
		}
		tp := tape.New(dev, kernels.Float64, false)
		_, pooled := n.Features(layer.NewScope(tp, layer.NewStore(dev, kernels.Float64, 1)), tp.Input(images))
		tp.Compile(tape.NewArena(dev), nil, pooled).Forward()
		if pooled.Dim(1) != n.Width() {
			t.Fatalf("%d stages: %d features, Width says %d", taken, pooled.Dim(1), n.Width())
		}
		return kernels.Read[float64](pooled.Value()), n.Width()
	}
	last, width := of(1)
	if width != net.Channels {
		t.Fatalf("%d features of the last stage, want %d", width, net.Channels)
	}
	previous, before := []float64(nil), 0
	for taken, want := range map[int]int{2: 1024, 4: 1664, 5: 1792} {
		if _, width := of(taken); width != want {
			t.Errorf("%d stages are %d features, want %d", taken, width, want)
		}
	}
	for taken := 2; taken <= 5; taken++ {
		all, width := of(taken)
		for image := range 2 {
			row := all[image*width:][:width]
			end := row[width-net.Channels:]
			length := math.Sqrt(dot(last[image*net.Channels:][:net.Channels], last[image*net.Channels:][:net.Channels]))
			for i, v := range end {
				if !(math.Abs(v*length-last[image*net.Channels+i]) <= 1e-12*length) {
					t.Fatalf("%d stages, feature %d of the last: %g, want %g", taken, i, v, last[image*net.Channels+i]/length)
				}
			}
			if square := dot(row, row); !(math.Abs(square-float64(taken)) <= 1e-9) {
				t.Errorf("%d stages: squared length %g", taken, square)
			}
			for i := range before { // a stage more stands before those that were there
				if row[width-before+i] != previous[image*before+i] {
					t.Fatalf("%d stages: feature %d of the later ones has changed", taken, i)
				}
			}
		}
		previous, before = all, width
	}
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

// TestStagesRefused: what a network lacks is said.
func TestStagesRefused(t *testing.T) {
	for _, c := range []struct {
		name  string
		taken int
		want  string
	}{
		{"squeezenet", 6, "1 to 5 stages"},
		{"resnet18", 2, "its last stage alone"},
		{"dinov2_vits14", 2, "its last stage alone"},
	} {
		n, err := Find(c.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := n.Together(c.taken); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s, %d stages: %v, want one with %q", c.name, c.taken, err, c.want)
		}
	}
}
