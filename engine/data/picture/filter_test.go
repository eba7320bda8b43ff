package picture

import (
	"math"
	"testing"
)

// TestFilterSumsFit: no weighted sum of bytes exceeds 32 bits, and flat images stay flat to half a level.
func TestFilterSumsFit(t *testing.T) {
	most := 0.0
	for _, kind := range interpolations {
		for from := 1; from <= 70; from++ {
			for to := 1; to <= 70; to++ {
				f := kind.newFilter(from, to, 0, to)
				for i := range to {
					sum, size := 0.0, 0.0
					for _, w := range f.weights[f.offset[i]:f.offset[i+1]] {
						sum += float64(w)
						size += math.Abs(float64(w))
					}
					most = max(most, size)
					if !(math.Abs(255*(sum-1<<precision)) < half) || !(255*size+half < math.MaxInt32) {
						t.Fatalf("%s, %d to %d: weights of pixel %d sum to %g, absolutely to %g", kind.name, from, to, i, sum, size)
					}
				}
			}
		}
	}
	if most /= 1 << precision; !(most > 1.5 && most < 1.6) {
		t.Errorf("the largest absolute sum is %g; filter.go says it is below 1.6", most)
	}
}
