package backbone

import (
	"math"
	"strings"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/act"
	"udml-gpu/kernels/bfloat"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// storedStep is what a step of a network on images of that size leaves: its pooled features, and the gradients of all parameters for a
// given gradient of them. bytes is the memory of its maps and their gradients. With rounded the images are.
func storedStep(dev *kernels.Device, n Network, size int, rounded bool) (pooled, gradients []float64, bytes int) {
	const images = 4
	store, arena, tp := layer.NewStore(dev, kernels.Float32, 7), tape.NewArena(dev), tape.New(dev, kernels.Float32, true)
	defer store.Free()
	defer arena.Free()
	on := func(seed uint64, lo, hi float64, shape ...int) *kernels.Array {
		return optest.Uniform(kernels.CPU(), kernels.Float32, seed, lo, hi, shape...).To(dev)
	}
	x := on(1, 0, 1, images, size, size, 3)
	if rounded {
		bfloat.Round(x)
	}
	defer x.Free()
	_, y := n.Features(layer.NewScope(tp, store), tp.Input(x))
	for _, p := range store.Trained() {
		if strings.Contains(p.Name, "gamma") { // layer scales begin so low that branches do not count
			p.Value.CopyFrom(on(3, 0.5, 1, p.Value.Shape()...))
		}
	}
	dy := on(2, -1, 1, y.Shape()...)
	defer dy.Free()
	l := lossOf(tp, y, dy)
	arena.Poison()
	program := tp.Compile(arena, l, l, y)
	program.Run()
	pooled = parity.Numbers(y.Value().To(kernels.CPU()))
	for _, p := range store.Trained() {
		gradients = append(gradients, parity.Numbers(p.Grad.To(kernels.CPU()))...)
	}
	if bytes = program.Bytes(); dev.Precision() == kernels.BF16 {
		bytes -= bfloat.Bytes * len(gradients) // the rounded filters
	}
	return pooled, gradients, bytes
}

// apart is |a - b| / |b|; NaN where there is one in either.
func apart(a, b []float64) float64 {
	var d, s float64
	for i := range b {
		d += (a[i] - b[i]) * (a[i] - b[i])
		s += b[i] * b[i]
	}
	return math.Sqrt(d / s)
}

// storedNetworks are the networks with a name, the larger siblings of a form aside, and a small ConvNeXt and transformers of each family.
func storedNetworks(t *testing.T) []Network {
	t.Helper()
	list := []Network{
		conv4, squeezeNet, squeezeNet11, resNet18, resNet50, googLeNet, googLeNetCaffe, bnInception, efficientNetLite0,
		convNeXt("convnext", convNeXtForm{width: 32, blocks: []int{1, 1, 2, 1}, eps: convNeXtEps, gelu: act.GELUErf}),
	}
	families := []string{"vit:", "dinov2:registers=2,swiglu=true,", "dinov3:registers=2,", "clip:gelu=quick,out=24,", "siglip:"}
	for _, family := range families {
		n, err := Find(family + "dim=64,depth=2,heads=2,patch=8,mlp=128")
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, n)
	}
	return list
}

// TestStored: with maps of bfloat16 a step of each network needs little more than half of the memory, and its features and gradients are
// near those in float32. Batch norms of random weights make more of a rounding from layer to layer, so the measure is what rounding the
// images alone changes: with them three times that, without them 2^-7 of the features and 2^-6 of the gradients, since each of some dozens
// of maps is rounded, by up to 2^-9 of each number.
func TestStored(t *testing.T) {
	for _, n := range storedNetworks(t) {
		t.Run(n.Name, func(t *testing.T) {
			size := max(64, n.MinSize)
			pooled, gradients, bytes := storedStep(kernels.CPU(), n, size, false)
			first, second, _ := storedStep(kernels.CPU(), n, size, true)
			near, slopes, half := storedStep(kernels.CPUAt(kernels.BF16), n, size, false)
			features, slope := apart(near, pooled), apart(slopes, gradients)
			t.Logf("features off by %.2g, gradients by %.2g, %.2f of the memory", features, slope, float64(half)/float64(bytes))
			if most := 0x1p-7 + 3*apart(first, pooled); features < 1e-4 || !(features < most) {
				t.Errorf("features are off by %g, want up to %g", features, most)
			}
			if most := 0x1p-6 + 3*apart(second, gradients); !(slope < most) {
				t.Errorf("gradients are off by %g, want up to %g", slope, most)
			}
			if float64(half) > 0.6*float64(bytes) {
				t.Errorf("%d bytes, and %d in float32", half, bytes)
			}
		})
	}
}

// smallNetworks are those of storedNetworks that do not take minutes on the emulated GPU.
func smallNetworks(t *testing.T) []Network {
	t.Helper()
	return append([]Network{conv4, squeezeNet11, googLeNetCaffe}, storedNetworks(t)[9:]...)
}

// onGPUInBF16 runs test for each of smallNetworks, with its side in pixels, on a GPU that computes in bfloat16.
func onGPUInBF16(t *testing.T, test func(t *testing.T, dev *kernels.Device, n Network, size int)) {
	t.Helper()
	parity.OnGPU(t, func(t *testing.T, _ *kernels.Device) {
		dev, err := kernels.CUDA(0, kernels.BF16)
		if err != nil {
			t.Fatal(err)
		}
		defer dev.Close()
		for _, n := range smallNetworks(t) {
			test(t, dev, n, max(32, n.MinSize))
		}
		if err := dev.Sync(); err != nil {
			t.Fatal(err)
		}
	})
}

// TestStoredOnGPU: a GPU computes such a step as the CPU does, up to sums in another order, which now and then round the other way.
func TestStoredOnGPU(t *testing.T) {
	onGPUInBF16(t, func(t *testing.T, dev *kernels.Device, n Network, size int) {
		pooled, gradients, _ := storedStep(kernels.CPUAt(kernels.BF16), n, size, false)
		near, slopes, _ := storedStep(dev, n, size, false)
		features, slope := apart(near, pooled), apart(slopes, gradients)
		t.Logf("%s: features off by %.2g, gradients by %.2g", n.Name, features, slope)
		if !(features < 0x1p-7) || !(slope < 0x1p-3) { // a head behind the maps multiplies rounded numbers there
			t.Errorf("%s: features are off by %g, gradients by %g", n.Name, features, slope)
		}
	})
}
