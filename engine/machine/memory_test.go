package machine

import "testing"

// TestSmaller: an unknown amount is ignored, and an exceeded limit gives 1, not 0 for unknown.
func TestSmaller(t *testing.T) {
	for _, c := range [][3]int64{{0, 5, 5}, {7, 5, 5}, {5, 7, 5}, {5, -3, 1}, {0, 0, 1}} {
		if got := smaller(c[0], c[1]); got != c[2] {
			t.Errorf("smaller(%d, %d) = %d, want %d", c[0], c[1], got, c[2])
		}
	}
}
