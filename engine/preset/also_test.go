package preset

import (
	"strings"
	"testing"
)

// TestAlsoSize: images are seen at two sizes, of line drawings at smaller ones, unless a flag says otherwise; where the size is given,
// nothing is chosen beside it.
func TestAlsoSize(t *testing.T) {
	photos := drawn
	photos.Drawings, photos.Extreme = 0, 0.1
	for _, c := range []struct {
		name  string
		facts Facts
		flags map[string]any
		want  int
		why   string
	}{
		{"drawings", drawn, nil, 56, whyAlso},
		{"photos", photos, nil, 160, whyAlso},
		{"drawings, one size", drawn, map[string]any{"also-size": 0}, 0, ""},
		{"photos, one size", photos, map[string]any{"also-size": 0}, 0, ""},
		{"drawings, another", drawn, map[string]any{"also-size": 64}, 64, ""},
		{"drawings of a given size", drawn, map[string]any{"size": 112}, 0, ""},
	} {
		l := layers(t, "", c.flags)
		decide(l, sight{Facts: c.facts})
		if err := l.Resolve(); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if why := l.Settings()["also-size"].Why; l.Config.AlsoSize != c.want || why != c.why {
			t.Errorf("%s: %d, %q; want %d, %q", c.name, l.Config.AlsoSize, why, c.want, c.why)
		}
	}
}

// TestAlsoMirrored: the second size shows the mirror image where most images have colours, unless a flag says otherwise, mirror images are
// said to differ, or there is no second size.
func TestAlsoMirrored(t *testing.T) {
	for _, c := range []struct {
		name   string
		colour float64
		flags  map[string]any
		want   bool
		why    string
	}{
		{"photos", 1, nil, true, whyMirrored},
		{"half of them", 0.5, nil, true, whyMirrored},
		{"fewer", 0.49, nil, false, ""},
		{"fewer, with flips", 0.49, map[string]any{"flip": 0.5}, false, ""},
		{"sizes given", 1, map[string]any{"size": 112, "also-size": 80, "epochs": 0}, true, whyMirrored},
		{"no flips", 1, map[string]any{"flip": 0.0}, false, ""},
		{"one size", 1, map[string]any{"also-size": 0}, false, ""},
		{"another size", 1, map[string]any{"size": 112}, false, ""},
		{"both at both", 1, map[string]any{"mirror-average": true}, false, ""},
		{"refused", 1, map[string]any{"also-mirrored": false}, false, ""},
		{"asked for", 0, map[string]any{"also-mirrored": true}, true, ""},
	} {
		l := layers(t, "", c.flags)
		if _, why := undecided(l); why != "" {
			t.Errorf("%s: %s", c.name, why)
		}
		facts := photos
		facts.Colour = c.colour
		said := decide(l, sight{Facts: facts})
		if err := l.Resolve(); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		s := l.Settings()["also-mirrored"]
		if l.Config.AlsoMirrored != c.want || s.Why != c.why || strings.Contains(said, "--also-mirrored") != (c.why == whyMirrored) {
			t.Errorf("%s: %v, %q, said %q; want %v", c.name, l.Config.AlsoMirrored, s.Why, said, c.want)
		}
	}
}

// TestFlip: views are not mirrored where most images have no colours and nothing is said of a method or views. That trains no more and no
// less than without it.
func TestFlip(t *testing.T) {
	few := drawn
	few.Images = fewestTrained - 1
	for _, c := range []struct {
		name   string
		facts  Facts
		flags  map[string]any
		want   float64
		epochs int
		why    string
	}{
		{"drawings", few, nil, 0, 0, whyNoFlip},
		{"many", Facts{Images: fewestTrained, Sized: 300, Decoded: 100, Colour: 0.49}, nil, 0, trainedEpochs, whyNoFlip},
		{"with some colours", Facts{Images: 100, Decoded: 100, Colour: 0.5}, nil, 0.5, 0, ""},
		{"nothing decoded", Facts{Images: 100}, nil, 0.5, 0, ""},
		{"given", few, map[string]any{"flip": 0.25}, 0.25, 5, ""},
		{"other views", few, map[string]any{"rotate": 5.0}, 0.5, 5, ""},
		{"a method", few, map[string]any{"method": "cbs"}, 0.5, 5, ""},
		{"epochs", few, map[string]any{"epochs": 3}, 0, 3, whyNoFlip},
	} {
		l := layers(t, "", c.flags)
		said := decide(l, sight{Facts: c.facts})
		if err := l.Resolve(); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		s := l.Settings()["flip"]
		if l.Config.Flip != c.want || l.Config.Epochs != c.epochs || s.Why != c.why || strings.Contains(said, "--flip 0") != (c.why != "") {
			t.Errorf("%s: %g, %d epochs, %q, said %q; want %g", c.name, l.Config.Flip, l.Config.Epochs, s.Why, said, c.want)
		}
	}
}
