package eval

import "testing"

// TestLargeSetsHaveAShorterKMeans: Stanford Online Products and In-Shop get one start and 20 iterations; smaller sets, such as CUB and
// Cars196, get the options.
func TestLargeSetsHaveAShorterKMeans(t *testing.T) {
	o := Options{Restarts: 3, Iterations: 50, Seed: 9}
	for _, c := range []struct {
		n, k  int
		short bool
	}{{60502, 11316, true}, {26830, 3985, true}, {60000, 1000, false}, {8131, 98, false}, {5924, 100, false}} {
		m := o.kmeans(c.n, c.k)
		if (m.Restarts == 1) != c.short || (m.Iterations == 20) != c.short || m.Seed != 9 || m.Tolerance != tolerance {
			t.Errorf("%d images, %d classes: %+v", c.n, c.k, m)
		}
	}
	if m := (Options{Restarts: 1, Iterations: 5}).kmeans(60502, 11316); m.Iterations != 5 {
		t.Errorf("fewer iterations than 20 stay: %+v", m)
	}
}
