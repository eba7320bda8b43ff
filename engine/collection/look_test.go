package collection

import (
	"math"
	"math/bits"
	"testing"
)

// plane is an RGB picture of waves.
func plane(size int) []uint8 {
	pix := make([]uint8, 0, size*size*3)
	for y := range size {
		for x := range size {
			for c := range 3 {
				v := 128 + 60*math.Sin(float64(x)/(5+float64(c))) + 50*math.Cos(float64(y)/(7+float64(c))+float64(x)/11)
				pix = append(pix, uint8(math.Round(v)))
			}
		}
	}
	return pix
}

// The hash is that of imagehash.phash: its formula with Pillow 11 and the dct of scipy.fftpack.
func TestPHashGolden(t *testing.T) {
	for size, want := range map[int]uint64{64: 0xf0953f6ac06ac26b, 100: 0xfc1e1e1fb5b0e0a0} {
		if got := Measure(plane(size), size, 3).PHash; got != want {
			t.Errorf("%d px: %016x, want %016x", size, got, want)
		}
	}
}

func TestMeasure(t *testing.T) {
	flat := make([]uint8, 16*16)
	for i := range flat {
		flat[i] = 51
	}
	l := Measure(flat, 16, 1)
	if math.Abs(float64(l.Brightness)-0.2) > 1e-6 || l.Contrast > 1e-6 || l.Sharpness != 0 || l.Entropy != 0 {
		t.Errorf("a flat picture: %+v", l)
	}
	board := make([]uint8, 16*16)
	for i := range board {
		board[i] = uint8(255 * ((i + i/16) % 2))
	}
	l = Measure(board, 16, 1)
	if l.Brightness != 0.5 || l.Contrast != 0.5 || l.Entropy != 1 || math.Abs(float64(l.Sharpness)-4) > 1e-6 {
		t.Errorf("a chess board: %+v", l)
	}
}

// The same picture at another size, or darker, keeps its hash but for a few bits; another one does not.
func TestPHashOfCopies(t *testing.T) {
	pix := plane(96)
	darker := make([]uint8, len(pix))
	other := make([]uint8, len(pix))
	for i, v := range pix {
		darker[i] = uint8(int(v) * 9 / 10)
		other[i] = pix[(i*7+i/96)%len(pix)]
	}
	hash := Measure(pix, 96, 3).PHash
	if n := bits.OnesCount64(hash ^ Measure(darker, 96, 3).PHash); n > 4 {
		t.Errorf("darker: %d bits", n)
	}
	if n := bits.OnesCount64(hash ^ Measure(other, 96, 3).PHash); n < 12 {
		t.Errorf("another: %d bits", n)
	}
}
