package machine

import "testing"

// TestLeast: what is not known does not count, and what is known to be exceeded is not taken for unknown.
func TestLeast(t *testing.T) {
	for _, c := range [][3]int64{{0, 5, 5}, {7, 5, 5}, {5, 7, 5}, {5, -3, 1}, {0, 0, 1}} {
		if got := least(c[0], c[1]); got != c[2] {
			t.Errorf("least(%d, %d) = %d, want %d", c[0], c[1], got, c[2])
		}
	}
}
