package depthwise

import (
	"testing"

	"udml-gpu/kernels"
)

// BenchmarkLayer is layers of EfficientNet-Lite0 and ConvNeXt-T at 224 px, 16 images.
func BenchmarkLayer(b *testing.B) {
	for _, s := range []shape{{16, 56, 56, 144, 3, 3, 1, 1, 1}, {16, 14, 14, 384, 7, 7, 1, 3, 3}, {16, 56, 56, 144, 3, 3, 2, 0, 1}} {
		x, w, bias, dy := s.arrays(kernels.Float32)
		y, dx := kernels.CPU().New(kernels.Float32, s.out()...), kernels.CPU().New(kernels.Float32, x.Shape()...)
		dw, db := kernels.CPU().New(kernels.Float32, w.Shape()...), kernels.CPU().New(kernels.Float32, s.c)
		b.Run(s.String()+"/forward", func(b *testing.B) {
			for b.Loop() {
				Forward(y, x, w, bias, s.spec())
			}
		})
		b.Run(s.String()+"/both", func(b *testing.B) {
			for b.Loop() {
				Forward(y, x, w, bias, s.spec())
				BackwardWeights(dw, db, x, dy, s.spec())
				BackwardData(dx, dy, w, s.spec(), false)
			}
		})
	}
}
