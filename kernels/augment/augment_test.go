package augment

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/golden"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/rng"
)

// picture is a random image [h,w,c].
func picture(h, w, c int) []uint8 {
	p := make([]uint8, h*w*c)
	k := rng.Key{Seed: 5, Op: rng.OpBench}
	for i := range p {
		p[i] = uint8(k.At(uint32(i / 4))[i%4])
	}
	return p
}

func poison(n int) []float32 {
	p := make([]float32, n)
	for i := range p {
		p[i] = float32(math.NaN())
	}
	return p
}

// sample is the textbook value of one output element in float64: edges by clamping each tap on its own.
func sample(src []uint8, h, w, c, ch int, sx, sy float64, invert bool) float64 {
	at := func(x, y int) float64 {
		v := float64(src[(min(max(y, 0), h-1)*w+min(max(x, 0), w-1))*c+ch]) / 255
		if invert {
			v = 1 - v
		}
		return v
	}
	x0, y0 := math.Floor(sx), math.Floor(sy)
	fx, fy := sx-x0, sy-y0
	x, y := int(x0), int(y0)
	return (1-fy)*((1-fx)*at(x, y)+fx*at(x+1, y)) + fy*((1-fx)*at(x, y+1)+fx*at(x+1, y+1))
}

func TestAffine(t *testing.T) {
	sizes := []struct{ h, w, c, size int }{
		{1, 1, 1, 1},
		{1, 1, 3, 5},
		{7, 5, 1, 4},
		{36, 36, 1, 32},
		{9, 11, 3, 8},
		{88, 88, 3, 80},
		{6, 6, 2, 5},
		{3, 3, 4, 7},
		{4, 4, 1, 0},
	}
	r := Ranges{Flip: 0.5, Rotate: 40, ScaleLo: 0.4, ScaleHi: 1.8, Shift: 3, Crop: true}
	for i, s := range sizes {
		for sampleIndex := range uint32(6) {
			m := r.Matrix(rng.Key{Seed: uint64(i), Sample: sampleIndex, Op: rng.OpAugment}, s.h, s.w, s.size)
			invert := sampleIndex%2 == 1
			t.Run(fmt.Sprint(s, sampleIndex), func(t *testing.T) {
				src, dst := picture(s.h, s.w, s.c), poison(s.size*s.size*s.c)
				Affine(dst, src, s.h, s.w, s.c, s.size, m, invert)
				for j, got := range dst {
					x, y := float64(j/s.c%s.size), float64(j/s.c/s.size)
					want := sample(src, s.h, s.w, s.c, j%s.c, m[0]*x+m[1]*y+m[2], m[3]*x+m[4]*y+m[5], invert)
					if !(math.Abs(float64(got)-want) <= 2e-6) {
						t.Fatalf("element %d is %g, want %g", j, got, want)
					}
				}
			})
		}
	}
}

func TestAffineEqualsLoop(t *testing.T) {
	for _, c := range []int{1, 3} {
		src := picture(37, 41, c)
		for i := range uint32(8) {
			m := Ranges{Flip: 0.5, Rotate: 20, ScaleLo: 0.8, ScaleHi: 1.2, Shift: 5}.Matrix(rng.Key{Sample: i}, 37, 41, 33)
			got, want := poison(33*33*c), poison(33*33*c)
			Affine(got, src, 37, 41, c, 33, m, false)
			v := view{dst: want, src: src, h: 37, w: 41, c: c, size: 33, level: &plain}
			v.affineLoop(m)
			sameFloats(t, got, want)
		}
	}
}

func sameFloats(t *testing.T, got, want []float32) {
	t.Helper()
	for i := range want {
		if !(got[i] == want[i]) {
			t.Fatalf("element %d is %g, want %g", i, got[i], want[i])
		}
	}
}

func TestNoChangeIsTheCentreCrop(t *testing.T) {
	for _, s := range []struct{ h, w, c, size int }{
		{88, 88, 3, 80},
		{35, 35, 1, 32},
		{7, 9, 3, 4},
		{5, 5, 1, 5},
		{3, 3, 3, 6},
		{1, 1, 1, 3},
		{4, 3, 2, 2},
	} {
		for _, invert := range []bool{false, true} {
			src := picture(s.h, s.w, s.c)
			got, want := poison(s.size*s.size*s.c), poison(s.size*s.size*s.c)
			Affine(got, src, s.h, s.w, s.c, s.size, Ranges{}.Matrix(rng.Key{Seed: 1}, s.h, s.w, s.size), invert)
			Centre(want, src, s.h, s.w, s.c, s.size, invert)
			sameFloats(t, got, want)
			for i := range want {
				x := min(max(CentreCorner(s.w-s.size)+i/s.c%s.size, 0), s.w-1)
				y := min(max(CentreCorner(s.h-s.size)+i/s.c/s.size, 0), s.h-1)
				b := src[(y*s.w+x)*s.c+i%s.c]
				if invert {
					b = 255 - b
				}
				if !(want[i] == float32(b)/255) {
					t.Fatalf("%v: element %d is %g, want %d/255", s, i, want[i], b)
				}
			}
		}
	}
}

func TestFlipMirrors(t *testing.T) {
	src, straight, mirrored := picture(9, 9, 3), poison(7*7*3), poison(7*7*3)
	k := rng.Key{Seed: 3}
	Affine(straight, src, 9, 9, 3, 7, Ranges{Crop: true}.Matrix(k, 9, 9, 7), false)
	Affine(mirrored, src, 9, 9, 3, 7, Ranges{Crop: true, Flip: 1}.Matrix(k, 9, 9, 7), false)
	for i := range straight {
		y, x, c := i/21, i/3%7, i%3
		if !(straight[i] == mirrored[(y*7+6-x)*3+c]) {
			t.Fatalf("element %d is not mirrored", i)
		}
	}
}

func TestOddMatricesStayInside(t *testing.T) {
	src := picture(5, 5, 3)
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e300, -1e300} {
		for i := range 6 {
			m := [6]float64{1, 0, 0, 0, 1, 0}
			m[i] = bad
			Affine(poison(4*4*3), src, 5, 5, 3, 4, m, false)
		}
	}
}

func TestMatrixStaysInRange(t *testing.T) {
	r := Ranges{Flip: 0.25, Rotate: 10, ScaleLo: 0.9, ScaleHi: 1.1, Shift: 2, Crop: true}
	const draws = 4000
	flips, corners := 0, map[int]int{}
	for i := range uint32(draws) {
		k := rng.Key{Seed: 9, Epoch: 2, Sample: i, Op: rng.OpAugment}
		m := r.Matrix(k, 88, 88, 80)
		det := m[0]*m[4] - m[1]*m[3]
		if det < 0 {
			flips++
		}
		scale, angle := 1/math.Sqrt(math.Abs(det)), math.Atan2(m[1], m[4])*180/math.Pi
		if scale < 0.9-1e-9 || scale > 1.1+1e-9 || math.Abs(angle) > 10+1e-9 {
			t.Fatalf("view %d: scale %g, angle %g", i, scale, angle)
		}
		crop := Ranges{Crop: true}.Matrix(k, 88, 88, 80)
		if crop[2] != math.Trunc(crop[2]) || crop[2] < 0 || crop[2] > 8 || crop[5] < 0 || crop[5] > 8 {
			t.Fatalf("view %d: crop at %g, %g", i, crop[2], crop[5])
		}
		corners[int(crop[2])]++
	}
	if math.Abs(float64(flips)/draws-0.25) > 0.03 || len(corners) != 9 {
		t.Fatalf("%d flips of %d, crop columns %v", flips, draws, corners)
	}
}

func TestNormalise(t *testing.T) {
	dev := kernels.CPU()
	for _, shape := range [][]int{{0, 4, 4, 3}, {1, 1, 1, 1}, {2, 7, 5, 3}, {1, 64, 65, 1}, {3, 2, 2, 4}} {
		for _, dtype := range []kernels.DType{kernels.Float32, kernels.Float64} {
			c := shape[3]
			mean, std := []float64{123, 117, 104, 7}[:c], []float64{1, 58.4, 255, 0.5}[:c]
			x, y := optest.Uniform(dev, dtype, 3, 0, 1, shape...), optest.Poisoned(dev, dtype, shape...)
			want := optest.As(x, kernels.Float64)
			source := optest.As(x, kernels.Float64)
			for _, reverse := range []bool{true, false} {
				normaliseLoop(kernels.Data[float64](want), kernels.Data[float64](source), mean, std, reverse)
				Normalise(y, x, mean, std, reverse)
				optest.Near(t, fmt.Sprint(shape, dtype, reverse), y, want, 1e-6)
			}
			Normalise(x, x, mean, std, false)
			optest.Near(t, "in place", x, want, 1e-6)
		}
	}
}

func BenchmarkAffine(b *testing.B) {
	for _, s := range []struct {
		name        string
		in, c, size int
		r           Ranges
	}{
		{"rgb80", 88, 3, 80, Ranges{Flip: 0.5, Rotate: 10, ScaleLo: 0.9, ScaleHi: 1.1, Crop: true}},
		{"crop80", 88, 3, 80, Ranges{Flip: 0.5, Crop: true}},
		{"grey32", 35, 1, 32, Ranges{Rotate: 10, ScaleLo: 0.9, ScaleHi: 1.1, Shift: 2}},
	} {
		b.Run(s.name, func(b *testing.B) {
			src, dst := picture(s.in, s.in, s.c), poison(s.size*s.size*s.c)
			for i := 0; b.Loop(); i++ {
				m := s.r.Matrix(rng.Key{Sample: uint32(i)}, s.in, s.in, s.size)
				Affine(dst, src, s.in, s.in, s.c, s.size, m, false)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "images/s")
		})
	}
}

// TestCentreCornerEqualsTorchvision: the table holds CenterCrop's corners for margins of every kind.
func TestCentreCornerEqualsTorchvision(t *testing.T) {
	table := golden.Open(t, "images").Int32s("centre")
	for ; len(table) > 0; table = table[3:] {
		if side, crop, want := int(table[0]), int(table[1]), int(table[2]); CentreCorner(side-crop) != want {
			t.Errorf("a crop of %d in %d pixels begins at %d, torchvision's at %d", crop, side, CentreCorner(side-crop), want)
		}
	}
}
