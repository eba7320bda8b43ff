package backbone

import (
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// storedForward are the pooled features of a network in evaluation mode, of images of that size, and the memory of its maps. With rounded
// the images are, with wide the maps are not.
func storedForward(dev *kernels.Device, n Network, size int, rounded, wide bool) (pooled []float64, bytes int) {
	store, arena, tp := layer.NewStore(dev, kernels.Float32, 7), tape.NewArena(dev), tape.New(dev, kernels.Float32, false)
	defer store.Free()
	defer arena.Free()
	from := optest.Uniform(kernels.CPU(), kernels.Float32, 1, 0, 1, 4, size, size, 3)
	if rounded {
		bfloat.Round(from)
	}
	x, s := from.To(dev), layer.NewScope(tp, store)
	defer x.Free()
	if wide {
		s = s.Wide()
	}
	_, y := n.Features(s, tp.Input(x))
	arena.Poison()
	program := tp.Compile(arena, nil, y)
	program.Forward()
	if bytes = program.Bytes(); dev.Precision() == kernels.BF16 && !wide {
		for _, p := range store.Params() {
			bytes -= bfloat.Bytes * p.Value.Len() // the rounded filters
		}
	}
	return parity.Numbers(y.Value().To(kernels.CPU())), bytes
}

// TestStoredForward: in evaluation mode too the maps are bfloat16, with the bound of TestStored, in three quarters of the memory at most.
// Where they are asked to be wide, as for a network that is exported, everything is as in float32.
func TestStoredForward(t *testing.T) {
	for _, n := range storedNetworks(t) {
		t.Run(n.Name, func(t *testing.T) {
			size := max(64, n.MinSize)
			want, bytes := storedForward(kernels.CPU(), n, size, false, false)
			first, _ := storedForward(kernels.CPU(), n, size, true, false)
			got, half := storedForward(kernels.CPUAt(kernels.BF16), n, size, false, false)
			off, most := apart(got, want), 0x1p-7+3*apart(first, want)
			t.Logf("features off by %.2g, %.2f of the memory", off, float64(half)/float64(bytes))
			if off < 1e-4 || !(off < most) {
				t.Errorf("features are off by %g, want up to %g", off, most)
			}
			if float64(half) > 0.75*float64(bytes) {
				t.Errorf("%d bytes, and %d in float32", half, bytes)
			}
			if wide, same := storedForward(kernels.CPUAt(kernels.BF16), n, size, false, true); apart(wide, want) != 0 || same != bytes {
				t.Errorf("wide maps are off by %g and take %d bytes, not %d", apart(wide, want), same, bytes)
			}
		})
	}
}

// TestStoredForwardOnGPU: a GPU computes these features as the CPU does, up to sums in another order, which now and then round the other
// way.
func TestStoredForwardOnGPU(t *testing.T) {
	onGPUInBF16(t, func(t *testing.T, dev *kernels.Device, n Network, size int) {
		want, _ := storedForward(kernels.CPUAt(kernels.BF16), n, size, false, false)
		got, _ := storedForward(dev, n, size, false, false)
		off := apart(got, want)
		t.Logf("%s: features off by %.2g", n.Name, off)
		if !(off < 0x1p-7) {
			t.Errorf("%s: features are off by %g", n.Name, off)
		}
	})
}
