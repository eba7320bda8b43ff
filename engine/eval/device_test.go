package eval

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
)

// apart are classes that are separated and overlap little, so that no score depends on the last bit of a distance.
func apart() (emb *kernels.Array, labels []int32) {
	labels = make([]int32, 150)
	for i := range labels {
		labels[i] = int32(i * i % 7)
	}
	return clustered(kernels.CPU(), labels, 12, 0.4), labels
}

func TestEvaluateOnGPU(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, dev *kernels.Device) {
		for _, ks := range [][]int{nil, {1, 3, 40}} {
			emb, labels := apart()
			there, o := emb.To(dev), Options{Ks: ks, Restarts: 2, Iterations: 10, Seed: 3}
			live := dev.LiveBytes()
			want, err := Evaluate(context.Background(), emb, labels, o)
			got, err2 := Evaluate(context.Background(), there, labels, o)
			if err != nil || err2 != nil {
				t.Fatal(err, err2)
			}
			if n := dev.LiveBytes() - live; n != 0 {
				t.Errorf("%d bytes are left over", n)
			}
			there.Free()
			for k, v := range want.Recall {
				if got.Recall[k] != v {
					t.Errorf("recall@%d is %g, on the CPU %g", k, got.Recall[k], v)
				}
			}
			// Two rows whose similarities to a query differ by a rounding may swap places, which changes MAP@R a little.
			if !near(got.MAPAtR, want.MAPAtR, 1e-4) || got.Images != want.Images || got.Classes != want.Classes {
				t.Errorf("%+v, on the CPU %+v", got, want)
			}
			if got.NMI != want.NMI || got.ARI != want.ARI || got.F1 != want.F1 {
				t.Errorf("clustering %+v, on the CPU %+v", got, want)
			}
		}
	})
}

// TestCountEqualsList: what a GPU finds for Recall@K by counting is what it finds in lists, byte for byte: with and without roles, and of
// classes without another image.
func TestCountEqualsList(t *testing.T) {
	was := mostListed
	t.Cleanup(func() { mostListed = was })
	parity.OnGPU(t, func(t *testing.T, dev *kernels.Device) {
		labels := make([]int32, 150)
		var queries, gallery []int32
		for i := range labels {
			labels[i] = int32(i / 4) // the last two are a class
			if i%3 == 0 {
				queries = append(queries, int32(i))
			} else {
				gallery = append(gallery, int32(i))
			}
		}
		labels[149] = 99
		there := clustered(kernels.CPU(), labels, 12, 1.5).To(dev)
		defer there.Free()
		for _, o := range []Options{{}, {Queries: queries, Gallery: gallery}} {
			o.Ks, o.Restarts = []int{1, 2, 5, 40, 120}, 1
			var found [2]Scores
			for i, most := range []int{1 << 30, 64} {
				mostListed = most
				live := dev.LiveBytes()
				s, err := Evaluate(context.Background(), there, labels, o)
				if err != nil || dev.LiveBytes() != live {
					t.Fatalf("%v, %d bytes are left over", err, dev.LiveBytes()-live)
				}
				found[i] = s
			}
			if !reflect.DeepEqual(found[0], found[1]) || !(found[0].Recall[1] > 0.05 && found[0].Recall[40] < 1) {
				t.Errorf("counted %+v, listed %+v", found[1], found[0])
			}
		}
	})
}

func TestEvaluateNamesTheBadImage(t *testing.T) {
	for _, dev := range parity.Devices(t) {
		for at, v := range map[int]float64{5: math.NaN(), 9: math.Inf(1)} {
			emb, labels := apart()
			optest.Set(emb, 12*at+3, v)
			optest.Set(emb, 12*120, v) // only the first is named
			there := emb.To(dev)
			_, err := Evaluate(context.Background(), there, labels, Options{})
			if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("embedding of image %d is not finite", at)) {
				t.Errorf("%s: error %v", dev.Name(), err)
			}
			there.Free()
		}
	}
}

// Lengths beyond float32 are not an error: the rows can still be scaled.
func TestEvaluateTakesHugeRows(t *testing.T) {
	for _, dev := range parity.Devices(t) {
		there := kernels.Of(dev, []float32{3e38, 3e38, 2, 2, 0, 3e38, 0, 1}, 4, 2)
		s, err := Evaluate(context.Background(), there, []int32{0, 0, 1, 1}, Options{Ks: []int{1}, Restarts: 1})
		if err != nil || s.Recall[1] != 1 || s.MAPAtR != 1 || s.ARI != 1 {
			t.Errorf("%s: %+v, %v", dev.Name(), s, err)
		}
		there.Free()
	}
}

func TestHealthOnGPU(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, dev *kernels.Device) {
		emb, _ := apart()
		there := emb.To(dev)
		if got, want := EffectiveRank(there), EffectiveRank(emb); got != want || !(want > 1) {
			t.Errorf("effective rank %g, on the CPU %g", got, want)
		}
		if got, want := Agreement(there), Agreement(emb); got != want || want == 0 {
			t.Errorf("agreement %g, on the CPU %g", got, want)
		}
		there.Free()
		x := optest.Uniform(kernels.CPU(), kernels.Float32, 1, -1, 1, 80, 6)
		for i := range 20 { // half of the images have two nearly equal views
			for p := range 6 {
				optest.Set(x, (40+i)*6+p, 1.001*optest.Get(x, i*6+p)+1e-3)
			}
		}
		there = x.To(dev)
		got, _ := ViewRecall(there, nil)
		if want, _ := ViewRecall(x, nil); got != want || !(want >= 0.4) {
			t.Errorf("view recall %g, on the CPU %g", got, want)
		}
		there.Free()
	})
}
