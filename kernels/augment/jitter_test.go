package augment

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"udml-gpu/kernels/golden"
	"udml-gpu/kernels/rng"
)

// jitterBound is the contract's of a view whose colours have changed: four changes, each of which may double what the one before rounded.
const jitterBound = 4e-6

// TestJitterEqualsTorchvision: ColorJitter, given the same random numbers and computed in float64, of three channels and of one.
func TestJitterEqualsTorchvision(t *testing.T) {
	f := golden.Open(t, "images")
	source, words, far := singles(f.Floats("jitter/source")), f.Int32s("jitter/words"), 0.0
	const size, pixels = 7, 7 * 7
	for _, channels := range []int{3, 1} {
		for _, percent := range [][4]float64{{40, 40, 40, 10}, {100, 100, 100, 50}, {0, 80, 0, 20}} {
			name := fmt.Sprintf("jitter/%d/%.0f,%.0f,%.0f,%.0f", channels, percent[0], percent[1], percent[2], percent[3])
			j := Jitter{percent[0] / 100, percent[1] / 100, percent[2] / 100, percent[3] / 100}
			want := f.Floats(name)
			for v := range len(words) / 8 {
				x := channelsOf(source[v*pixels*3:(v+1)*pixels*3], channels)
				by := [4]uint32{uint32(words[8*v+4]), uint32(words[8*v+5]), uint32(words[8*v+6]), uint32(words[8*v+7])}
				row := Effect{Colours: j.draw(uint32(words[8*v+1]), by)}.Row(size)
				Apply(x, size, channels, row[:])
				for i, got := range x {
					far = max(far, math.Abs(float64(got)-want[v*len(x)+i]))
					if !(math.Abs(float64(got)-want[v*len(x)+i]) <= jitterBound) {
						t.Fatalf("%s: element %d of view %d is %g, want %g", name, i, v, got, want[v*len(x)+i])
					}
				}
			}
		}
	}
	t.Logf("%.2g at most from torchvision's", far)
}

// channelsOf are the first channels of pixels of three.
func channelsOf(x []float32, channels int) []float32 {
	var some []float32
	for p := 0; p < len(x); p += 3 {
		some = append(some, x[p:p+channels]...)
	}
	return some
}

// TestHueKeepsValueAndSaturation: the largest and the smallest channel keep their bits, a whole turn in three thirds is none, and a third
// of the circle moves the channels on.
func TestHueKeepsValueAndSaturation(t *testing.T) {
	x := noise(33, 3)
	for p := 0; p < len(x); p += 3 {
		r, g, b := x[p], x[p+1], x[p+2]
		r1, g1, b1 := turnHue(r, g, b, 2)
		for i, d := range []float32{r1 - b, g1 - r, b1 - g} {
			if !(math.Abs(float64(d)) <= 1e-6) { // the contract's: a single change
				t.Fatalf("(%g, %g, %g) turned by a third is (%g, %g, %g): channel %d", r, g, b, r1, g1, b1, i)
			}
		}
		for _, sixths := range []float32{0, 0.3, 1, 2.9, 4.5, 6} {
			r2, g2, b2 := turnHue(r, g, b, sixths)
			if max(r2, g2, b2) != max(r, g, b) || min(r2, g2, b2) != min(r, g, b) {
				t.Fatalf("(%g, %g, %g) turned by %g sixths is (%g, %g, %g)", r, g, b, sixths, r2, g2, b2)
			}
		}
	}
}

// TestHueJustBelowRed: a hue that is less below 0 than float32 tells from a whole circle is red, not a seventh sector.
func TestHueJustBelowRed(t *testing.T) {
	if r, g, b := turnHue(1, 0, 1e-9, 0); r != 1 || g != 0 || !(b <= 1e-6) {
		t.Errorf("a red is (%g, %g, %g)", r, g, b)
	}
}

// TestJitterIsDrawn: all 24 orders equally often, factors over their whole ranges, and no change of strength 0.
func TestJitterIsDrawn(t *testing.T) {
	j, orders := Jitter{0.8, 0.4, 0.2, 0.1}, map[[4]ColourChange]int{}
	lo, hi := [5]float64{2, 2, 2, 2, 2}, [5]float64{-2, -2, -2, -2, -2}
	const draws = 24000
	for i := range uint32(draws) {
		k := rng.Key{Seed: 3, Sample: i, Op: rng.OpAugment}
		var order [4]ColourChange
		for n, c := range j.draw(k.At(0)[1], k.At(1)) {
			order[n], lo[c.Change], hi[c.Change] = c.Change, min(lo[c.Change], c.By), max(hi[c.Change], c.By)
		}
		orders[order]++
	}
	for order, n := range orders {
		if sorted := slices.Sorted(slices.Values(order[:])); !slices.Equal(sorted, []ColourChange{1, 2, 3, 4}) {
			t.Errorf("%v is no order of the changes", order)
		}
		if !(math.Abs(float64(n)-draws/24) <= 160) { // five standard deviations
			t.Errorf("%v is drawn %d times of %d", order, n, draws)
		}
	}
	if len(orders) != 24 {
		t.Errorf("%d orders are drawn, want 24", len(orders))
	}
	for change, want := range map[ColourChange][2]float64{
		Brightness: {0.2, 1.8}, Contrast: {0.6, 1.4}, Saturation: {0.8, 1.2}, Hue: {-0.1, 0.1},
	} {
		got, width := [2]float64{lo[change], hi[change]}, want[1]-want[0]
		if !(got[0] >= want[0] && got[0] < want[0]+0.01*width && got[1] <= want[1] && got[1] > want[1]-0.01*width) {
			t.Errorf("change %d is by %v, want %v", change, got, want)
		}
	}
	for _, c := range (Jitter{Contrast: 0.5}).draw(7, [4]uint32{1, 2, 3, 4}) {
		if c.Change != NoChange && c.Change != Contrast {
			t.Errorf("change %d has no strength", c.Change)
		}
	}
}

// TestJitterChanges says what it changes of views of one, three and other numbers of channels.
func TestJitterChanges(t *testing.T) {
	for _, c := range []struct {
		j        Jitter
		channels int
		want     bool
	}{
		{Jitter{}, 3, false},
		{Jitter{Brightness: 0.1}, 1, true},
		{Jitter{Contrast: 0.1}, 1, true},
		{Jitter{Saturation: 0.1, Hue: 0.1}, 1, false},
		{Jitter{Saturation: 0.1}, 3, true},
		{Jitter{Hue: 0.1}, 3, true},
	} {
		if got := c.j.Changes(c.channels); got != c.want {
			t.Errorf("%v of %d channels: %v", c.j, c.channels, got)
		}
		x := noise(4, c.channels)
		before, row := slices.Clone(x), Effect{Colours: c.j.draw(5, [4]uint32{1 << 30, 1 << 30, 1 << 30, 1 << 30})}.Row(4)
		Apply(x, 4, c.channels, row[:])
		if changed := !slices.Equal(x, before); changed != c.want {
			t.Errorf("%v of %d channels: a view has changed: %v", c.j, c.channels, changed)
		}
	}
}
