package eval

import (
	"context"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

// pictures are n images of a few distinct pictures, in consecutive classes of equal size, with noise relative to
// the row's length over the root of the columns.
func pictures(n, distinct, classes int, noise float64) (x *kernels.Array, labels []int32) {
	const d = 64
	dev := kernels.CPU()
	base, off := optest.Uniform(dev, kernels.Float64, 1, 0, 1, distinct, d), optest.Uniform(dev, kernels.Float64, 2, -1, 1, n, d)
	x = dev.New(kernels.Float32, n, d)
	for i := range n {
		labels = append(labels, int32(i*classes/n))
		picture := i * distinct / n
		for p := range d {
			optest.Set(x, i*d+p, optest.Get(base, picture*d+p)+noise*optest.Get(off, i*d+p))
		}
	}
	return x, labels
}

// TestScoresOfCopies: scores of a few pictures in many copies equal scikit-learn's: identical images in several classes form one cluster,
// pictures that are the classes are separated, and of equal neighbours the first image counts.
func TestScoresOfCopies(t *testing.T) {
	for _, c := range []struct {
		n, distinct, classes int
		nmi, ari, recall1    float64
	}{
		{24, 1, 3, 0, 0, 1.0 / 3},                     // the first image is of class 0, so is the nearest to it
		{65, 1, 5, 0, 0, 1.0 / 5},                     // more than one batch
		{24, 3, 3, 1, 1, 1},                           // pictures are the classes
		{24, 2, 4, 2.0 / 3, 0.46511627906976744, 0.5}, // each picture occurs in two classes
	} {
		for _, noise := range []float64{0, 1e-7} {
			x, labels := pictures(c.n, c.distinct, c.classes, noise)
			s, err := Evaluate(context.Background(), x, labels, Options{Restarts: 3, Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			if !(math.Abs(s.NMI-c.nmi) <= 1e-6 && math.Abs(s.ARI-c.ari) <= 1e-6) {
				t.Errorf("%+v, noise %g: NMI %g, ARI %g", c, noise, s.NMI, s.ARI)
			}
			if noise == 0 && !(math.Abs(s.Recall[1]-c.recall1) <= 1e-6) {
				t.Errorf("%+v: Recall@1 %g", c, s.Recall[1])
			}
			if rank := EffectiveRank(x); !(rank >= 1 && rank <= float64(c.distinct)+1e-3) {
				t.Errorf("%+v, noise %g: effective rank %g", c, noise, rank)
			}
		}
	}
}

// TestScoresOfZeros: images of length 0 form one cluster like other identical ones.
func TestScoresOfZeros(t *testing.T) {
	s, err := Evaluate(context.Background(), kernels.CPU().New(kernels.Float32, 6, 4), []int32{0, 0, 1, 1, 2, 2}, Options{Restarts: 1})
	if err != nil || s.NMI != 0 || s.ARI != 0 {
		t.Errorf("%+v, %v", s, err)
	}
}
