package loss

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

// tripletLoop and contrastiveLoop are the definitions, by loops over whole pairs and triplets.
func tripletLoop(s *kernels.Array, labels []int32, margin float64) float64 {
	n, sum, pairs := s.Dim(0), 0.0, 0
	y := func(i int) int32 { return labels[i%len(labels)] }
	at := func(i, j int) float64 { return optest.Get(s, i*n+j) }
	for i := range n {
		for a := range n {
			if a == i || y(a) != y(i) {
				continue
			}
			beyond, farthest, any := math.Inf(1), 0.0, false // squared distances
			d := 2 - 2*at(i, a)
			for k := range n {
				if y(k) == y(i) {
					continue
				}
				any = true
				far := 2 - 2*at(i, k)
				if far > d {
					beyond = min(beyond, far)
				}
				farthest = max(farthest, far)
			}
			if !any {
				continue
			}
			if math.IsInf(beyond, 1) {
				beyond = farthest
			}
			pairs++
			sum += max(0, margin+d-beyond)
		}
	}
	return sum / float64(max(1, pairs))
}

func contrastiveLoop(s *kernels.Array, labels []int32, margin float64) float64 {
	n, sum, pairs := s.Dim(0), [2]float64{}, [2]int{}
	for i := range n {
		for j := range n {
			d := math.Sqrt(2 - 2*optest.Get(s, i*n+j))
			switch {
			case i == j:
			case labels[i%len(labels)] == labels[j%len(labels)]:
				pairs[0]++
				sum[0] += d * d
			default:
				pairs[1]++
				sum[1] += max(0, margin-d) * max(0, margin-d)
			}
		}
	}
	return sum[0]/float64(max(1, pairs[0])) + sum[1]/float64(max(1, pairs[1]))
}

// pairCase is one of Triplet and Contrastive on n rows.
type pairCase struct {
	n      int
	labels []int32
	margin float64
}

// All rows of one class, of a class each, and mixed; a second view of each image and none; more rows than a block has threads.
var pairCases = []pairCase{
	{0, []int32{}, 1},
	{1, []int32{4}, 1},
	{2, []int32{4}, 1},
	{4, []int32{4, 4}, 0.5},
	{4, []int32{1, 2, 3, 4}, 1.5},
	{6, []int32{1, 2, 1}, 0.2},
	{8, []int32{3, 1, 3, 9}, 1},
	{8, []int32{0, 0, 0, 0, 0, 0, 0, 1}, 1.2},
	{34, numbered(17, 5), 0.2},
	{300, numbered(150, 40), 1},
}

func (c pairCase) String() string {
	return fmt.Sprintf("%d rows, %d labels, margin %g", c.n, len(c.labels), c.margin)
}

func TestLabelPairs(t *testing.T) {
	dev := kernels.CPU()
	for _, c := range pairCases {
		labels := kernels.Of(dev, c.labels, len(c.labels))
		for name, op := range map[string]struct {
			run  func(loss, ds, s, labels *kernels.Array, margin float64)
			loop func(s *kernels.Array, labels []int32, margin float64) float64
		}{"triplet": {Triplet, tripletLoop}, "contrastive": {Contrastive, contrastiveLoop}} {
			for _, dt := range types {
				s := optest.Uniform(dev, dt, 1, -0.9, 0.9, c.n, c.n)
				loss, ds := optest.Poisoned(dev, dt, 1), optest.Poisoned(dev, dt, c.n, c.n)
				op.run(loss, ds, s, labels, c.margin)
				at := fmt.Sprint(name, " ", dt, " ", c)
				bound := map[kernels.DType]float64{kernels.Float32: 1e-6, kernels.Float64: 1e-13}[dt] // rounding of numbers up to 8
				optest.Near(t, at, loss, kernels.Of(dev, []float64{op.loop(s, c.labels, c.margin)}, 1), bound)
				exact := optest.As(s, kernels.Float64)
				l64, d64 := optest.Poisoned(dev, kernels.Float64, 1), optest.Poisoned(dev, kernels.Float64, c.n, c.n)
				op.run(l64, d64, exact, labels, c.margin)
				optest.Near(t, at, ds, d64, bound)
				if c.n < 100 {
					f := func() float64 { op.run(l64, nil, exact, labels, c.margin); return optest.Get(l64, 0) }
					optest.Gradient(t, at, d64, exact, 1e-6, 1e-6, f)
				}
			}
		}
	}
}

// TestLabelPairsShowWhatIsNotFinite: of any row but on the diagonal, which is not read.
func TestLabelPairsShowWhatIsNotFinite(t *testing.T) {
	dev, labels := kernels.CPU(), []int32{1, 2}
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		for at := range 16 {
			s := optest.Uniform(dev, kernels.Float32, 1, -0.9, 0.9, 4, 4)
			optest.Set(s, at, bad)
			for name, run := range map[string]func(loss, ds, s, labels *kernels.Array, margin float64){
				"triplet": Triplet, "contrastive": Contrastive,
			} {
				loss, ds := optest.Poisoned(dev, kernels.Float32, 1), optest.Poisoned(dev, kernels.Float32, 4, 4)
				run(loss, ds, s, kernels.Of(dev, labels, 2), 1)
				spoiled := at/4 != at%4
				if math.IsNaN(optest.Get(loss, 0)) != spoiled {
					t.Errorf("%s: loss %g with %g at %d", name, optest.Get(loss, 0), bad, at)
				}
				for i := range 16 {
					if math.IsNaN(optest.Get(ds, i)) != (spoiled && i/4 == at/4) {
						t.Errorf("%s: element %d of the gradient is %g with %g at %d", name, i, optest.Get(ds, i), bad, at)
					}
				}
			}
		}
	}
}

// TestContrastiveOfEqualRows: two equal rows of two classes have the whole margin as loss and no direction.
func TestContrastiveOfEqualRows(t *testing.T) {
	dev := kernels.CPU()
	s := kernels.Of(dev, []float64{1, 1, 1, 1}, 2, 2)
	loss, ds := optest.Poisoned(dev, kernels.Float64, 1), optest.Poisoned(dev, kernels.Float64, 2, 2)
	Contrastive(loss, ds, s, kernels.Of(dev, []int32{1, 2}, 2), 1)
	optest.Near(t, "loss", loss, kernels.Of(dev, []float64{0.999 * 0.999}, 1), 1e-12)
	optest.Near(t, "gradient", ds, dev.New(kernels.Float64, 2, 2), 0)
}
