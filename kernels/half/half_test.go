package half

import (
	"math"
	"testing"
)

// All 65,536 numbers are decoded as by their definition, in both loops, and encoded to themselves.
func TestAllNumbers(t *testing.T) {
	src, got, loop := make([]uint16, 1<<16), make([]float32, 1<<16), make([]float32, 1<<16)
	for i := range src {
		src[i] = uint16(i)
	}
	Decode(got, src)
	decodeLoop(loop, src)
	for i, h := range src {
		exponent, fraction := int(h>>10&31), float64(h&1023)
		want := math.Ldexp(fraction, -24)
		if exponent > 0 {
			want = math.Ldexp(1024+fraction, exponent-25)
		}
		if exponent == 31 {
			if want = math.Inf(1); fraction != 0 {
				want = math.NaN()
			}
		}
		if h>>15 == 1 {
			want = math.Copysign(want, -1)
		}
		same := float64(got[i]) == want && math.Signbit(float64(got[i])) == math.Signbit(want) || math.IsNaN(want) && got[i] != got[i]
		if !same || math.Float32bits(got[i]) != math.Float32bits(loop[i]) {
			t.Fatalf("%#04x is %g and %g, want %g", h, got[i], loop[i], want)
		}
		if back := Bits(got[i]); back != h && !math.IsNaN(want) || math.IsNaN(want) && back&0x7fff <= 0x7c00 {
			t.Fatalf("%g is encoded as %#04x, want %#04x", got[i], back, h)
		}
	}
}

// Numbers between two neighbours go to the nearer one, from the middle to the even one; both sides of each middle.
func TestRounding(t *testing.T) {
	for h := uint16(0); h < 0x7bff; h++ {
		low, high := float64(Float32(h)), float64(Float32(h+1))
		middle := float32((low + high) / 2)
		even := h + h&1
		for _, c := range []struct {
			v    float32
			want uint16
		}{{math.Nextafter32(middle, 0), h}, {middle, even}, {math.Nextafter32(middle, 1e9), h + 1}} {
			if got := Bits(c.v); got != c.want || Bits(-c.v) != c.want|0x8000 {
				t.Fatalf("%g is %#04x, want %#04x", c.v, got, c.want)
			}
		}
		if low <= 1 && !(float64(middle)-low <= max(Error*float64(middle), Smallest)) {
			t.Fatalf("%g moves by %g", middle, float64(middle)-low)
		}
	}
	if got := Bits(math.Nextafter32(65520, 0)); got != 0x7bff {
		t.Errorf("the largest number is %#04x", got)
	}
	if Bits(65520) != 0x7c00 || Bits(1e30) != 0x7c00 || Bits(float32(math.Inf(-1))) != 0xfc00 {
		t.Error("too large numbers are not infinite")
	}
}

func TestNothing(*testing.T) {
	Decode(nil, nil)
}
