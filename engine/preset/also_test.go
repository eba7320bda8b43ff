package preset

import "testing"

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
