package distance

import (
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// TestParityPrepared: rows that were prepared once find, among several sets of others, what TopK finds, byte for byte; also where nothing
// may be kept, and where there are no rows on a side. Nothing is left over.
func TestParityPrepared(t *testing.T) {
	for _, dev := range parity.Devices(t) {
		for _, share := range []int64{4, 1 << 60} {
			preparedFindsWhatTopKFinds(t, dev, share)
		}
	}
}

func preparedFindsWhatTopKFinds(t *testing.T, dev *kernels.Device, keptShare int64) {
	was := budget
	t.Cleanup(func() { budget = was })
	budget.keptShare = keptShare
	for _, n := range []int{0, 1, 300} {
		for _, metric := range []Metric{SquaredL2, Cosine, InnerProduct} {
			before := dev.LiveBytes()
			x := wholeRows(kernels.CPU(), kernels.Float32, 1, n, 70).To(dev)
			p := Prepare(x, metric)
			if kept := p.kept != nil; kept != (dev.CUDA() && (keptShare == 4 || n == 0)) {
				t.Errorf("%s: of %d rows packed ones are kept: %v", dev.Name(), n, kept)
			}
			for _, m := range []int{0, 1, 140} {
				y := wholeRows(kernels.CPU(), kernels.Float32, 2, m, 70).To(dev)
				vals, idx, wantVals, wantIdx := results(dev, n), places(dev, n), results(dev, n), places(dev, n)
				p.Nearest(vals, idx, y)
				TopK(wantVals, wantIdx, x, y, metric, -1)
				if !slices.Equal(kernels.Read[int32](idx), kernels.Read[int32](wantIdx)) ||
					!slices.Equal(kernels.Read[float32](vals), kernels.Read[float32](wantVals)) {
					t.Errorf("%s, %v: %d rows among %d differ from TopK's", dev.Name(), metric, n, m)
				}
				for _, a := range []*kernels.Array{y, vals, idx, wantVals, wantIdx} {
					a.Free()
				}
			}
			p.Free()
			x.Free()
			if left := dev.LiveBytes() - before; left != 0 {
				t.Errorf("%s: %d bytes are left over", dev.Name(), left)
			}
		}
	}
}

func results(dev *kernels.Device, n int) *kernels.Array { return dev.Scratch(kernels.Float32, n, 1) }

func places(dev *kernels.Device, n int) *kernels.Array { return dev.Scratch(kernels.Int32, n, 1) }
