package method

import (
	"math"
	"slices"
	"testing"

	"udml-gpu/kernels/golden"
	"udml-gpu/kernels/rng"
)

// TestMutualEqualsTorch: neighbours and what they share are those of sets written from the definition, for vectors that are given; the
// nearest come first.
func TestMutualEqualsTorch(t *testing.T) {
	f := golden.Open(t, "mutual")
	const nearest = 7 // of the script
	shape := f.Shape("neighbours/x")
	n, d := shape[0], shape[1]
	x := make([]float32, n*d)
	for i, v := range f.Floats("neighbours/x") {
		x[i] = float32(v)
	}
	ranked := byDistance(x, n, d)
	of := mutualNeighbours(firstOf(ranked, n, nearest+1), nearest+1)
	want := f.Floats("neighbours/share")
	for i, hood := range of {
		got, last := make([]float64, n), -1
		for at, j := range hood.images {
			got[j] = hood.shared[at]
			place := slices.Index(ranked[i*n:(i+1)*n], j)
			if place <= last {
				t.Errorf("the neighbours of %d are not in order: %v", i, hood.images)
			}
			last = place
		}
		for j, w := range want[i*n : (i+1)*n] {
			if !(math.Abs(got[j]-w) <= 1e-15) { // one division of small whole numbers
				t.Fatalf("%d and %d share %g, want %g", i, j, got[j], w)
			}
		}
	}
}

// TestMutualOfOddRows: an image that is not among its own nearest, as of several that are the same, counts as near itself; a row that is
// not finite has no neighbours and is nobody's; an image may have none.
func TestMutualOfOddRows(t *testing.T) {
	of := mutualNeighbours([]int32{
		1, 2, // 0, without itself
		0, 1, // 1
		2, 3, // 2 is among the nearest of 0, which is not among its own
		-1, -1, // 3, not finite
	}, 2)
	want := []neighbourhood{{[]int32{1}, []float64{2.0 / 3}}, {[]int32{0}, []float64{2.0 / 3}}, {}, {}}
	for i, w := range want {
		if !slices.Equal(of[i].images, w.images) || !slices.Equal(of[i].shared, w.shared) {
			t.Errorf("%d: %v, want %v", i, of[i], w)
		}
	}
	if of := mutualNeighbours(nil, 0); len(of) != 0 {
		t.Errorf("no images have %v", of)
	}
}

// TestMutualDraws: every image that has neighbours shows one in the share of rows that is set, each as often as it shares; another epoch
// draws others, the same epoch the same.
func TestMutualDraws(t *testing.T) {
	const images = 40000
	hood := neighbourhood{images: []int32{7, 8, 9}, shared: []float64{0.5, 0.25, 0.25}}
	of := make([]neighbourhood, images)
	for i := range images - 1 {
		of[i] = hood
	}
	e := Epoch{Number: 2, Seed: 3, Images: images, Order: rng.Key{Seed: 3, Op: rng.OpShuffle}.Permutation(images)}
	for _, share := range []float64{0, 0.3, 1} {
		m := &mutual{share: share}
		second, count := m.second(e, of), map[int32]int{}
		for row, image := range e.Order {
			switch shown := second[row]; {
			case image == images-1 && shown != image:
				t.Fatalf("%d, which has no neighbour, is shown with %d", image, shown)
			case shown != image:
				count[shown]++
			}
		}
		for at, j := range hood.images {
			p := share * hood.shared[at]
			if off := float64(count[j]) - p*images; !(math.Abs(off) <= 5*math.Sqrt(p*images)+1) { // five deviations, and the image itself
				t.Errorf("share %g: %d is shown %d times in %d", share, j, count[j], images)
			}
		}
		if len(count) > len(hood.images) {
			t.Errorf("share %g: %d images are shown", share, len(count))
		}
		other := e
		other.Number = 3
		if !slices.Equal(second, m.second(e, of)) || share > 0 && slices.Equal(second, m.second(other, of)) {
			t.Errorf("share %g: what an epoch draws is not a function of the epoch", share)
		}
	}
}

// TestMutualFrom: from random weights the first epoch has no neighbours, unless it is asked for.
func TestMutualFrom(t *testing.T) {
	for _, c := range []struct {
		from       int
		pretrained bool
		want       int
	}{{0, true, 1}, {0, false, 2}, {1, false, 1}, {3, true, 3}} {
		if got := (&mutual{from: c.from}).first(Epoch{Pretrained: c.pretrained}); got != c.want {
			t.Errorf("%+v: neighbours from epoch %d on", c, got)
		}
	}
}
