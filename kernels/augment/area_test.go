package augment

import (
	"math"
	"testing"

	"udml-gpu/kernels/golden"
	"udml-gpu/kernels/rng"
)

// TestAreaBoxEqualsTorchvision: the boxes are those of RandomResizedCrop, which is given the same random numbers.
func TestAreaBoxEqualsTorchvision(t *testing.T) {
	f := golden.Open(t, "images")
	boxes, words := f.Int32s("area"), f.Int32s("words")
	fallbacks := 0
	for ; len(boxes) > 0; boxes, words = boxes[8:], words[4*areaTries:] {
		at := 0
		x, y, w, h := areaBox(int(boxes[0]), int(boxes[1]), float64(boxes[2])/100, float64(boxes[3])/100, func(try int) [4]uint32 {
			at = try
			return [4]uint32{
				uint32(words[4*try]), uint32(words[4*try+1]), uint32(words[4*try+2]), uint32(words[4*try+3]),
			}
		})
		if got, want := [4]int{x, y, w, h}, [4]int{int(boxes[4]), int(boxes[5]), int(boxes[6]), int(boxes[7])}; got != want {
			t.Errorf("box %v of %v, torchvision's is %v", got, boxes[:4], want)
		}
		if at == areaTries-1 {
			fallbacks++
		}
	}
	if fallbacks < 20 {
		t.Errorf("only %d boxes needed all tries", fallbacks)
	}
}

// TestAreaShowsTheBox: the corners of the view are the corners of the drawn box, mirrored or not; its pixels are as
// torch.nn.functional.interpolate(mode="bilinear") places them.
func TestAreaShowsTheBox(t *testing.T) {
	const w, h, size = 40, 30, 17
	for i := range uint32(50) {
		r := Ranges{AreaLo: 0.16, AreaHi: 1, Flip: float64(i % 2), Crop: true}
		k := rng.Key{Seed: 4, Sample: i, Op: rng.OpAugment}
		x, y, bw, bh := areaBox(w, h, 0.16, 1, func(try int) [4]uint32 { return k.At(uint32(2 + try)) })
		m := r.Matrix(k, h, w, size)
		left, right := float64(x)-0.5, float64(x+bw)-0.5
		if i%2 == 1 {
			left, right = right, left
		}
		at := func(x, y float64) [2]float64 { return [2]float64{m[0]*x + m[1]*y + m[2], m[3]*x + m[4]*y + m[5]} }
		first, last := at(-0.5, -0.5), at(size-0.5, size-0.5)
		want := [4]float64{left, float64(y) - 0.5, right, float64(y+bh) - 0.5}
		for j, got := range [4]float64{first[0], first[1], last[0], last[1]} {
			if !(math.Abs(got-want[j]) <= 1e-12*w) {
				t.Errorf("view %d: corner %d is at %g, want %g", i, j, got, want[j])
			}
		}
	}
}
