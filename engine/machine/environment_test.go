package machine

import (
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/conv"
)

// TestDifferences: each field counts, and a run of a version that recorded no convolutions was computed by own code.
func TestDifferences(t *testing.T) {
	now := CurrentEnvironment(kernels.CPU())
	if d := now.Differences(now); d != nil {
		t.Errorf("the same machine differs: %q", d)
	}
	was := now
	was.Conv, now.Conv = "", conv.OwnCode
	if d := was.Differences(now); d != nil {
		t.Errorf("a run of an earlier version differs: %q", d)
	}
	now.Conv = "oneDNN 3.2.0 (AVX2)"
	want := []string{"conv was own code over matrix products, here oneDNN 3.2.0 (AVX2)"}
	if d := was.Differences(now); !slices.Equal(d, want) {
		t.Errorf("another convolution: %q", d)
	}
	was = Environment{}
	if d := was.Differences(now); len(d) != 7 {
		t.Errorf("nothing alike: %q", d)
	}
}
