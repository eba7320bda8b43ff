package augment

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/golden"
	"udml-gpu/kernels/parity"
	"udml-gpu/kernels/rng"
)

// TestEraseBoxEqualsTorchvision: the boxes are those of RandomErasing, which is given the same random numbers.
func TestEraseBoxEqualsTorchvision(t *testing.T) {
	f := golden.Open(t, "images")
	boxes, words, none := f.Int32s("erase"), f.Int32s("erase-words"), 0
	for ; len(boxes) > 0; boxes, words = boxes[7:], words[4*areaTries:] {
		got := eraseBox(int(boxes[0]), float64(boxes[1])/100, float64(boxes[2])/100, func(try int) [4]uint32 {
			return [4]uint32{uint32(words[4*try]), uint32(words[4*try+1]), uint32(words[4*try+2]), uint32(words[4*try+3])}
		})
		if want := (Box{int(boxes[3]), int(boxes[4]), int(boxes[5]), int(boxes[6])}); got != want {
			t.Errorf("box %v of %v, torchvision's is %v", got, boxes[:3], want)
		}
		if got == (Box{}) {
			none++
		}
	}
	if none < 5 {
		t.Errorf("only %d views have no box", none)
	}
}

// TestEffectsEqualTorchvision: RandomGrayscale and gaussian_blur, computed in float64.
func TestEffectsEqualTorchvision(t *testing.T) {
	f := golden.Open(t, "images")
	for _, size := range []int{5, 9, 31} {
		name := fmt.Sprintf("effect/%d/", size)
		compare := func(what string, e Effect) {
			x, row := singles(f.Floats(name+"source")), e.Row(size)
			Apply(x, size, 3, row[:])
			for i, want := range f.Floats(name + what) {
				if !(math.Abs(float64(x[i])-want) <= 1e-6) { // the contract's
					t.Fatalf("%s%s: element %d is %g, want %g", name, what, i, x[i], want)
				}
			}
		}
		compare("grey", Effect{Grey: true})
		for _, sigma := range []float64{0.1, 0.7, 2, 3.3} {
			compare(fmt.Sprintf("blur/%.0f", 1000*sigma), Effect{Sigma: sigma})
		}
	}
}

func singles(x []float64) []float32 {
	s := make([]float32, len(x))
	for i, v := range x {
		s[i] = float32(v)
	}
	return s
}

// noise is a view [size,size,channels] of random pixels in [0,1].
func noise(size, channels int) []float32 {
	x := make([]float32, size*size*channels)
	for i := range x {
		x[i] = rng.Uniform(rng.Key{Op: rng.OpBench}.At(uint32(i))[0])
	}
	return x
}

// TestBlurEqualsLoop bit for bit, of several channels, down to a view of one pixel, which stays.
func TestBlurEqualsLoop(t *testing.T) {
	for _, c := range []int{1, 3, 4} {
		for _, size := range []int{1, 2, 3, 8, 33} {
			for _, sigma := range []float64{0.3, 1.1, MostSigma} {
				got, row := noise(size, c), Effect{Sigma: sigma}.Row(size)
				want := slices.Clone(got)
				blurLoop(want, got, size, c, row[effectWeights:effectWeights+int(row[effectRadius])+1])
				Apply(got, size, c, row[:])
				for i := range want {
					if !(got[i] == want[i]) {
						t.Fatalf("size %d, %d channels, sigma %g: element %d is %g, want %g", size, c, sigma, i, got[i], want[i])
					}
				}
			}
		}
	}
}

// TestBoxTakesTheMean of each channel, and the rest stays.
func TestBoxTakesTheMean(t *testing.T) {
	const size = 30 // more pixels than lanes
	for _, c := range []int{1, 3} {
		x, e := noise(size, c), Effect{Box: Box{X: 4, Y: 7, Width: 11, Height: 23}}
		before, row := slices.Clone(x), e.Row(size)
		Apply(x, size, c, row[:])
		mean := make([]float64, c)
		for i, v := range before {
			mean[i%c] += float64(v) / (size * size)
		}
		for i := range x {
			column, line := i/c%size, i/c/size
			if column >= 4 && column < 15 && line >= 7 && line < 30 {
				if !(math.Abs(float64(x[i])-mean[i%c]) <= 1e-7) { // rounded to float32 once
					t.Fatalf("element %d is %g, want %g", i, x[i], mean[i%c])
				}
			} else if x[i] != before[i] {
				t.Fatalf("element %d, outside of the box, has changed", i)
			}
		}
	}
}

// TestEffectIsDrawn: as often as the ranges say, within them, and the same for the same key; the map of the view does not depend on it.
func TestEffectIsDrawn(t *testing.T) {
	r := Ranges{Flip: 0.5, AreaLo: 0.2, AreaHi: 1}
	r.JitterShare, r.Jitter = 0.8, Jitter{0.4, 0.4, 0.4, 0.1}
	r.Grey, r.Blur, r.SigmaLo, r.SigmaHi, r.Erase, r.EraseLo, r.EraseHi = 0.2, 0.5, 0.1, 2, 0.25, 0.02, 0.33
	without := Ranges{Flip: 0.5, AreaLo: 0.2, AreaHi: 1}
	const draws = 4000
	var jittered, grey, blurred, erased float64
	for i := range uint32(draws) {
		k := rng.Key{Seed: 9, Epoch: 2, Sample: i, Op: rng.OpAugment}
		e := r.Effect(k, 64)
		if e != r.Effect(k, 64) || without.Effect(k, 64) != (Effect{}) || r.Matrix(k, 70, 70, 64) != without.Matrix(k, 70, 70, 64) {
			t.Fatalf("view %d: %v is not a function of the key alone", i, e)
		}
		if e.Colours != ([4]Colour{}) {
			jittered++
		}
		if e.Grey {
			grey++
		}
		if e.Sigma != 0 {
			blurred++
			if !(e.Sigma >= 0.1 && e.Sigma <= 2) {
				t.Fatalf("view %d: sigma %g", i, e.Sigma)
			}
		}
		if b := e.Box; b != (Box{}) {
			erased++
			if share := float64(b.Width*b.Height) / (64 * 64); !(share > 0.015 && share < 0.34) || b.X+b.Width > 64 || b.Y+b.Height > 64 {
				t.Fatalf("view %d: box %v", i, b)
			}
		}
	}
	for name, got := range map[string][2]float64{
		"jittered": {jittered, r.JitterShare}, "grey": {grey, r.Grey}, "blurred": {blurred, r.Blur}, "erased": {erased, r.Erase},
	} {
		if !(math.Abs(got[0]/draws-got[1]) <= 0.03) { // four standard deviations of a share of 4,000
			t.Errorf("%s: %g of %d views, want a share of %g", name, got[0], draws, got[1])
		}
	}
}

// TestParityEffects: every device gives the bits of Apply, called for each row by itself. More views than blocks, fewer and more pixels
// than a block has threads, numbers of channels that have no luma, and each effect with and without the others.
func TestParityEffects(t *testing.T) {
	var cases []parity.Case
	for _, s := range []struct{ n, size, c int }{
		{9, 5, 3},
		{9, 30, 3},
		{8, 24, 1},
		{8, 7, 4},
		{9, 1, 3},
		{300, 3, 3},
		{0, 4, 3},
		{3, 0, 3},
	} {
		var rows []float64
		for i := range s.n {
			e := Effect{Grey: i%2 == 1}
			if i/2%2 == 1 {
				e.Sigma = []float64{0.3, 1.4, MostSigma}[i%3]
			}
			if i%3 != 0 {
				k := rng.Key{Sample: uint32(i), Op: rng.OpAugment}
				e.Colours = Jitter{1, 1, 1, 0.5}.draw(k.At(0)[0], k.At(1))
			}
			if i/4%2 == 1 {
				e.Box = Box{X: s.size / 3, Y: s.size / 4, Width: s.size / 2, Height: s.size - s.size/4}
			}
			for _, v := range e.Row(s.size) {
				rows = append(rows, float64(v))
			}
		}
		n := s.size * s.size * s.c
		cases = append(cases, parity.Case{
			Name: fmt.Sprint(s), Large: s.n > 100,
			In:  []parity.Tensor{parity.Floats(1, 0, 1, s.n, s.size, s.size, s.c), parity.Values(kernels.Float32, rows, s.n, EffectFloats)},
			Out: []parity.Tensor{parity.Output(kernels.Float32, s.n, s.size, s.size, s.c)},
			Run: func(out, in []*kernels.Array) {
				if out[0].DType() == kernels.Float64 {
					x, rows := singles(kernels.Data[float64](in[0])), singles(kernels.Data[float64](in[1]))
					for r := range s.n {
						Apply(x[r*n:(r+1)*n], s.size, s.c, rows[r*EffectFloats:(r+1)*EffectFloats])
					}
					for i, v := range x {
						kernels.Data[float64](out[0])[i] = float64(v)
					}
					return
				}
				out[0].CopyFrom(in[0])
				Effects(out[0], in[1])
			},
		})
	}
	parity.Run(t, cases...)
}

func BenchmarkEffects(b *testing.B) {
	for name, e := range map[string]Effect{
		"jitter": {Colours: Jitter{0.4, 0.4, 0.4, 0.1}.draw(0, [4]uint32{1, 2, 3, 4})},
		"grey":   {Grey: true}, "blur": {Sigma: 1}, "erase": {Box: Box{20, 20, 60, 60}},
	} {
		b.Run(name, func(b *testing.B) {
			x, row := noise(224, 3), e.Row(224)
			for b.Loop() {
				Apply(x, 224, 3, row[:])
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "images/s")
		})
	}
}
