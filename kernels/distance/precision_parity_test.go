package distance

import (
	"math"
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// On the GPU a product in two halves of half precision is no less exact than one of float32, from widths on where
// rounding of the sum matters: the root mean square of the errors, each relative to the sum of the absolute
// products, is compared with that of the plain loop. For widths below 8 the halves' own error shows, which the
// bound of Pairwise has room for.
func TestParityAsExactAsFloat32(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, dev *kernels.Device) {
		for _, d := range []int{64, 128, 300, 512} {
			inputs := map[string]parity.Tensor{
				"both signs": parity.Floats(1, -1, 1, 70, d), "positive": parity.Floats(1, 0, 1, 70, d),
				"scaled": scaled(parity.Floats(1, -1, 1, 70, d), 15), "small": scaled(parity.Floats(1, 0, 1e-15, 70, d), 2),
			}
			for name, in := range inputs {
				x := tensor(dev, in)
				dst := dev.New(kernels.Float32, 70, 70)
				Pairwise(dst, x, x, InnerProduct)
				plain, gpu := productErrors(kernels.Read[float32](x), kernels.Read[float32](dst), d)
				if !(gpu <= plain) {
					t.Errorf("%s, width %d: error %.3g u, that of a loop in float32 %.3g u", name, d, gpu*(1<<24), plain*(1<<24))
				}
				x.Free()
				dst.Free()
			}
		}
	})
}

// tensor is a float32 array of it.
func tensor(dev *kernels.Device, x parity.Tensor) *kernels.Array {
	data := make([]float32, x.Shape[0]*x.Shape[1])
	for i := range data {
		data[i] = float32(x.At(i))
	}
	return kernels.Of(dev, data, x.Shape...)
}

// productErrors are the root mean square errors of all products of two rows, summed plainly and as given.
func productErrors(x, got []float32, d int) (plain, given float64) {
	n := len(x) / d
	for at, g := range got {
		a, b := x[at/n*d:][:d], x[at%n*d:][:d]
		sum, exact, size := float32(0), 0.0, 0.0
		for k, v := range a {
			p := float64(v) * float64(b[k])
			sum, exact, size = sum+v*b[k], exact+p, size+math.Abs(p)
		}
		plain += math.Pow((float64(sum)-exact)/size, 2)
		given += math.Pow((float64(g)-exact)/size, 2)
	}
	return math.Sqrt(plain / float64(len(got))), math.Sqrt(given / float64(len(got)))
}

// TestParityPrecisions: in the other precisions each factor is rounded once, by at most 2^-11 or 2^-8 of itself; so
// products are off by twice that, and whole numbers not at all: all searches must then find the same as on the CPU.
func TestParityPrecisions(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, _ *kernels.Device) {
		for p, rounding := range map[kernels.Precision]float64{kernels.TF32: 0x1p-11, kernels.BF16: 0x1p-8} {
			dev, err := kernels.CUDA(0, p)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range []int{3, 70, 200} {
				roundedProducts(t, dev, d, 2*rounding+rounding*rounding)
				roundedSearches(t, dev, d)
			}
			if n := dev.LiveBytes(); n != 0 || dev.Sync() != nil {
				t.Errorf("%v: %d bytes left, %v", p, n, dev.Err())
			}
			dev.Close()
		}
	})
}

func roundedProducts(t *testing.T, dev *kernels.Device, d int, bound float64) {
	t.Helper()
	x := tensor(dev, scaled(parity.Floats(1, -1, 1, 70, d), 15))
	dst := dev.New(kernels.Float32, 70, 70)
	Pairwise(dst, x, x, InnerProduct)
	rows := rowsOf(x.To(kernels.CPU()))
	worst := 0.0
	for at, g := range kernels.Read[float32](dst) {
		a, b := rows[at/70], rows[at%70]
		size := 0.0
		for k := range a {
			size += math.Abs(a[k] * b[k])
		}
		diff := math.Abs(float64(g) - between(a, b, InnerProduct))
		worst = max(worst, diff/size)
		// Beside the roundings, the sum in float32.
		if !(diff <= (bound+float64(d+4)*roundoff[kernels.Float32])*size) {
			t.Fatalf("%v, width %d: entry %d is off by %.2g of its products", dev.Precision(), d, at, diff/size)
		}
	}
	if worst < bound/100 {
		t.Errorf("%v, width %d: errors up to %.2g: was another precision used?", dev.Precision(), d, worst)
	}
	x.Free()
	dst.Free()
}

// roundedSearches runs each search on the device and on the CPU.
func roundedSearches(t *testing.T, dev *kernels.Device, d int) {
	t.Helper()
	cpu := kernels.CPU()
	want, wantSums := searchAll(cpu, d)
	got, sums := searchAll(dev, d)
	if !slices.Equal(got, want) {
		t.Errorf("%v, width %d: the searches differ from the CPU's", dev.Precision(), d)
	}
	// The products are exact; the logarithm of a sum of 400 exponentials in float32 is within a few units of 2^-24.
	parity.Near(t, 0, kernels.Of(cpu, sums, len(sums)), kernels.Of(cpu, wantSums, len(sums)), 0x1p-20)
}

// searchAll is the results of all searches among rows of whole numbers, and those of LogSumExp.
func searchAll(dev *kernels.Device, d int) (found, sums []float32) {
	const n, m = 150, 400
	x, y := tensor(dev, whole(1, n, d)), tensor(dev, whole(2, m, d))
	own, labels := kernels.Of(dev, ids(n, 7), n), kernels.Of(dev, ids(m, 11), m)
	rank, logs := dev.New(kernels.Int32, n), dev.New(kernels.Float32, n)
	for _, k := range []int{1, 20} {
		vals, idx := dev.New(kernels.Float32, n, k), dev.New(kernels.Int32, n, k)
		TopK(vals, idx, x, y, SquaredL2, 100)
		found = append(append(found, kernels.Read[float32](vals)...), floats(idx)...)
		vals.Free()
		idx.Free()
	}
	BestPositive(rank, x, y, own, labels, InnerProduct, -1)
	LogSumExp(logs, x, y, InnerProduct, 0.01)
	found, sums = append(found, floats(rank)...), kernels.Read[float32](logs)
	for _, a := range []*kernels.Array{x, y, own, labels, rank, logs} {
		a.Free()
	}
	return found, sums
}

// floats are the elements of an int32 array.
func floats(a *kernels.Array) []float32 {
	var out []float32
	for _, v := range kernels.Read[int32](a) {
		out = append(out, float32(v))
	}
	return out
}

// ids are labels below n.
func ids(count, n int) []int32 {
	out := make([]int32, count)
	for i := range out {
		out[i] = int32(i * 5 % n)
	}
	return out
}
