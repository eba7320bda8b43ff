package eval

import (
	"math"
	"testing"
)

// TestAMIByChance: labellings that know nothing of each other have an adjusted mutual information near 0, whatever their number of clusters,
// and renamed labels are the same labelling.
func TestAMIByChance(t *testing.T) {
	n := 400
	a, b, renamed := make([]int32, n), make([]int32, n), make([]int32, n)
	for i := range n {
		a[i], b[i] = int32(i%20), int32(i/20) // each pair of clusters shares one image
		renamed[i] = 100 - 3*a[i]
	}
	if v := AMI(a, b); !(math.Abs(v) < 0.5 && v < 0) { // less than chance would share
		t.Errorf("labels that are spread evenly over each other: %g", v)
	}
	if v := AMI(a, renamed); !(math.Abs(v-1) < 1e-12) {
		t.Errorf("renamed labels: %g", v)
	}
}
