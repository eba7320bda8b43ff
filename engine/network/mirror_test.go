package network

import (
	"context"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/augment"
)

// TestMirrorAverage: with --mirror-average an image and its mirror image have one embedding, up to the order of two additions; without it
// they have not.
func TestMirrorAverage(t *testing.T) {
	for _, averages := range []bool{false, true} {
		n := scratchNetwork(t, "squeezenet", 3, 48)
		n.Config.MirrorAverage = averages
		n.forget()
		f, err := n.EmbedImages(context.Background(), 2, func(dst *kernels.Array, _ int) {
			picture(dst.Rows(0, 1), 1)
			augment.Mirror(dst.Rows(1, 2), dst.Rows(0, 1))
		})
		if err != nil {
			t.Fatal(err)
		}
		rows := kernels.Read[float32](f.Embedding)
		dot, d := 0.0, f.Embedding.Dim(1)
		for i := range d {
			dot += float64(rows[i]) * float64(rows[d+i])
		}
		if same := math.Abs(dot-1) < 1e-6; same != averages {
			t.Errorf("averages %v: the cosine of both is %.9f", averages, dot)
		}
		f.Free()
	}
}
