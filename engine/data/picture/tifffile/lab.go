package tifffile

import (
	"math"
	"sync"
)

// labToRGB converts CIE Lab of 8 bits (L of 0 to 255 for 0 to 100, a and b signed, white point D50) to sRGB, in place, as
// Little CMS does for Pillow: by a table of 33 steps a side and tetrahedral interpolation, which differs from the formula by up to
// 50 levels at the edges of the sRGB gamut.
func labToRGB(pix []byte) {
	table := labTable()
	for i := 0; i+4 <= len(pix); i += 4 {
		l, a, b := stepIn(pix[i]), stepIn(pix[i+1]^128), stepIn(pix[i+2]^128)
		copy(pix[i:i+3], table.at(l, a, b))
	}
}

const labSteps = 33

// labGrid holds red, green and blue of 16 bits at each step of L, a and b.
type labGrid [labSteps * labSteps * labSteps][3]int32

// alongL, alongA and alongB are the distances of neighbours in a labGrid.
const alongL, alongA, alongB = labSteps * labSteps, labSteps, 1

// labStep is a position between two steps: the lower step, and the fraction towards the next one, in 1/65536.
type labStep struct {
	step int
	rest int64
}

// stepIn is the position of a byte on 33 steps.
func stepIn(v uint8) labStep {
	at := int64(v) * 257 * (labSteps - 1)
	at += (at + 0x7fff) / 0xffff
	return labStep{int(at >> 16), at & 0xffff}
}

// at interpolates in the tetrahedron that contains the colour: along the axis with the greatest fraction first.
func (t *labGrid) at(l, a, b labStep) []byte {
	axes := [3]labAxis{{l.rest, alongL}, {a.rest, alongA}, {b.rest, alongB}}
	for _, p := range [3][2]int{{0, 1}, {1, 2}, {0, 1}} {
		if axes[p[0]].rest < axes[p[1]].rest {
			axes[p[0]], axes[p[1]] = axes[p[1]], axes[p[0]]
		}
	}
	node := l.step*alongL + a.step*alongA + b.step*alongB
	low := t[node]
	sum := [3]int64{0x8001, 0x8001, 0x8001}
	for _, axis := range axes {
		if axis.rest == 0 {
			break // the next step may not exist
		}
		next := node + axis.stride
		for c := range sum {
			sum[c] += int64(t[next][c]-t[node][c]) * axis.rest
		}
		node = next
	}
	var out [3]byte
	for c, s := range sum {
		v := uint32(low[c] + int32((s+s>>16)>>16))
		out[c] = byte((v*65281 + 8388608) >> 24) // 16 to 8 bits, rounded
	}
	return out[:]
}

type labAxis struct {
	rest   int64
	stride int
}

var labTable = sync.OnceValue(func() *labGrid {
	t := new(labGrid)
	for i := range t {
		part := func(stride int) float64 { return math.Round(float64(i/stride%labSteps)*65535/(labSteps-1)) / 257 }
		t[i] = labColour(part(alongL)*100/255, part(alongA)-128, part(alongB)-128)
	}
	return t
})

// labColour is the colour in sRGB with 16 bits, clipped to its range.
func labColour(l, a, b float64) [3]int32 {
	y := (l + 16) / 116
	x, y, z := 0.9642*fromLab(y+a/500), fromLab(y), 0.8249*fromLab(y-b/200)
	// The inverse of sRGB's primaries, adapted to D50 by Bradford's matrix.
	return [3]int32{
		toSRGB(3.1338561*x - 1.6168667*y - 0.4906146*z),
		toSRGB(-0.9787684*x + 1.9161415*y + 0.0334540*z),
		toSRGB(0.0719453*x - 0.2289914*y + 1.4052427*z),
	}
}

func fromLab(t float64) float64 {
	if t > 24.0/116 {
		return t * t * t
	}
	return 108.0 / 841 * (t - 16.0/116)
}

// toSRGB is sRGB's transfer function (IEC 61966-2-1).
func toSRGB(v float64) int32 {
	v = min(max(v, 0), 1)
	if v <= 0.0031308 {
		return int32(math.Round(65535 * 12.92 * v))
	}
	return int32(math.Round(65535 * (1.055*math.Pow(v, 1/2.4) - 0.055)))
}
