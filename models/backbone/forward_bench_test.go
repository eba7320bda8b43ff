package backbone

import (
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// BenchmarkForward is the forward pass in evaluation mode of 16 images in float32, from pixels to pooled features, with random weights:
// one network of each kind. PyTorch: scripts/bench_torch_forward.py.
func BenchmarkForward(b *testing.B) {
	const images = 16
	for _, c := range []struct {
		backbone string
		size     int
	}{
		{"squeezenet", 224},
		{"efficientnet_lite0", 112},
		{"convnext_tiny", 224},
		{"vit_small_patch16", 224},
	} {
		b.Run(c.backbone, func(b *testing.B) {
			net, err := Find(c.backbone)
			if err != nil {
				b.Fatal(err)
			}
			dev := kernels.CPU()
			store, tp, arena := layer.NewStore(dev, kernels.Float32, 1), tape.New(dev, kernels.Float32, false), tape.NewArena(dev)
			x := optest.Uniform(dev, kernels.Float32, 1, 0, 1, images, c.size, c.size, 3)
			_, pooled := net.Features(layer.NewScope(tp, store), tp.Input(x))
			repeated(b, tp.Compile(arena, nil, pooled))
		})
	}
}
