package cluster

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

// poisonedInts are outputs that an op must overwrite.
func poisonedInts(dev *kernels.Device, n int) *kernels.Array {
	a := dev.New(kernels.Int32, n)
	for i := range n {
		kernels.Data[int32](a)[i] = -99
	}
	return a
}

func TestPseudoLabels(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	cases := []struct {
		name   string
		logits [][]float64 // of the first views
		slot   []int32
		count  []int32
	}{
		{"three of four", [][]float64{{0, 0, 0, 9}, {5, 1, 1, 1}, {0, 2, 1, 1}}, []int32{2, 0, 1}, []int32{2, 2, 2}},
		{"one holds all", [][]float64{{0, 1}, {-3, 4}, {1, 2}}, []int32{0, 0, 0}, []int32{6, 0}},
		{"ties go to the smallest", [][]float64{{1, 1, 0}, {0, 2, 2}}, []int32{0, 1}, []int32{2, 2}},
		{"one cluster", [][]float64{{1}, {2}}, []int32{0, 0}, []int32{4}},
		{"one image", [][]float64{{1, 7, 3}}, []int32{0}, []int32{2}},
		{"NaN never wins", [][]float64{{nan, 1, 2}, {3, nan, 2}, {nan, nan, nan}}, []int32{1, 0, 0}, []int32{4, 2, 0}},
		{"infinite", [][]float64{{-inf, -inf}, {nan, -inf}, {0, inf}}, []int32{0, 1, 1}, []int32{2, 4}},
	}
	dev := kernels.CPU()
	for _, dt := range []kernels.DType{kernels.Float32, kernels.Float64} {
		for _, c := range cases {
			b, k := len(c.logits), len(c.logits[0])
			logits := optest.Poisoned(dev, dt, 2*b, k) // the second views have no say
			for i, row := range c.logits {
				for j, v := range row {
					optest.Set(logits, i*k+j, v)
				}
			}
			slot, count := poisonedInts(dev, 2*b), poisonedInts(dev, min(k, b))
			PseudoLabels(slot, count, logits)
			if got, want := kernels.Data[int32](slot), append(slices.Clone(c.slot), c.slot...); !slices.Equal(got, want) {
				t.Errorf("%v %s: slots %v, want %v", dt, c.name, got, want)
			}
			if got := kernels.Data[int32](count); !slices.Equal(got, c.count) {
				t.Errorf("%v %s: counts %v, want %v", dt, c.name, got, c.count)
			}
		}
	}
	PseudoLabels(dev.New(kernels.Int32, 0), dev.New(kernels.Int32, 0), dev.New(kernels.Float32, 0, 3))
}

func TestSlotsOf(t *testing.T) {
	dev := kernels.CPU()
	label := kernels.Of(dev, []int32{1 << 30, 7, 0, 7, 1 << 30}, 5)
	slot, count := poisonedInts(dev, 10), poisonedInts(dev, 5)
	SlotsOf(slot, count, label)
	if want := []int32{2, 1, 0, 1, 2, 2, 1, 0, 1, 2}; !slices.Equal(kernels.Data[int32](slot), want) {
		t.Errorf("slots %v", kernels.Data[int32](slot))
	}
	if want := []int32{2, 4, 4, 0, 0}; !slices.Equal(kernels.Data[int32](count), want) {
		t.Errorf("counts %v", kernels.Data[int32](count))
	}
}

// meansCase is a batch of n rows in slots; some slots stay empty.
type meansCase struct {
	name           string
	slot           []int32
	slots, columns int
}

var meansCases = []meansCase{
	{"two of three live", []int32{0, 1, 0, 0, 1, 0}, 3, 5},
	{"one row", []int32{0}, 1, 1},
	{"a hole", []int32{2, 0, 2, 0}, 4, meansTile + 1},
	{"no columns", []int32{0, 0}, 1, 0},
	{"no rows", nil, 2, 3},
	{"a tile", []int32{1, 0, 1, 1}, 2, meansTile},
}

func (c meansCase) arrays(dev *kernels.Device) (slot, count *kernels.Array) {
	slot, count = kernels.Of(dev, c.slot, len(c.slot)), dev.New(kernels.Int32, c.slots)
	for _, s := range c.slot {
		kernels.Data[int32](count)[s]++
	}
	return slot, count
}

func TestMeans(t *testing.T) {
	dev := kernels.CPU()
	for _, dt := range []kernels.DType{kernels.Float32, kernels.Float64} {
		for _, c := range meansCases {
			slot, count := c.arrays(dev)
			n, p := len(c.slot), c.columns
			x, r, want := optest.Uniform(dev, dt, 1, -1, 1, n, p), optest.Poisoned(dev, dt, c.slots, p), dev.New(dt, c.slots, p)
			for j := range c.slots {
				for e := range p {
					sum := 0.0
					for i, s := range c.slot {
						if int(s) == j {
							sum += optest.Get(x, i*p+e) / float64(kernels.Data[int32](count)[j])
						}
					}
					optest.Set(want, j*p+e, sum)
				}
			}
			Means(r, x, slot, count)
			bound := map[kernels.DType]float64{kernels.Float32: 2e-7, kernels.Float64: 1e-15}[dt]
			optest.Near(t, fmt.Sprint(dt, c.name), r, want, bound)
		}
	}
}

func TestMeansGradient(t *testing.T) {
	dev, f64 := kernels.CPU(), kernels.Float64
	for _, c := range meansCases {
		if c.columns > 10 || len(c.slot) == 0 {
			continue
		}
		slot, count := c.arrays(dev)
		n, p := len(c.slot), c.columns
		x, r, dr := optest.Uniform(dev, f64, 1, -1, 1, n, p), optest.Poisoned(dev, f64, c.slots, p),
			optest.Uniform(dev, f64, 2, -1, 1, c.slots, p)
		dx := optest.Poisoned(dev, f64, n, p)
		MeansBackward(dx, dr, slot, count, false)
		optest.Gradient(t, c.name, dx, x, 1e-4, 1e-9, func() float64 { Means(r, x, slot, count); return optest.Dot(dr, r) })
		twice := optest.As(dx, f64)
		MeansBackward(twice, dr, slot, count, true)
		for i := range dx.Len() {
			optest.Set(dx, i, 2*optest.Get(dx, i))
		}
		optest.Near(t, c.name+" accumulated", twice, dx, 1e-15)
	}
	MeansBackward(nil, nil, nil, nil, false)
}

// SqueezeNet's maps at 80 px, batch 64, 32 clusters.
func BenchmarkMeans(b *testing.B) {
	dev := kernels.CPU()
	x, r := optest.Uniform(dev, kernels.Float32, 1, -1, 1, 128, 4, 4, 512), dev.New(kernels.Float32, 32, 4, 4, 512)
	slot, count := dev.New(kernels.Int32, 128), dev.New(kernels.Int32, 32)
	for i := range 128 {
		kernels.Data[int32](slot)[i] = int32(i % 32)
		kernels.Data[int32](count)[i%32]++
	}
	b.SetBytes(int64(x.Bytes() + r.Bytes()))
	b.ReportAllocs()
	for b.Loop() {
		Means(r, x, slot, count)
	}
}

func BenchmarkPseudoLabels(b *testing.B) {
	dev := kernels.CPU()
	logits := optest.Uniform(dev, kernels.Float32, 1, -1, 1, 128, 512)
	slot, count := dev.New(kernels.Int32, 128), dev.New(kernels.Int32, 64)
	b.ReportAllocs()
	for b.Loop() {
		PseudoLabels(slot, count, logits)
	}
}
