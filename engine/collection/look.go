package collection

import (
	"image"
	"math"
	"slices"

	"udml-gpu/engine/data/picture"
)

// Measure looks at an image of pixels uint8 [size,size,channels], grey or RGB.
func Measure(pix []uint8, size, channels int) Look {
	grey := luma(pix, size, channels)
	l := Look{PHash: pHash(grey)}
	sum, squares := 0.0, 0.0
	var levels [256]int
	for _, v := range grey.Pix {
		levels[v]++
	}
	n := float64(len(grey.Pix))
	for v, count := range levels {
		if count == 0 {
			continue
		}
		p, level := float64(count)/n, float64(v)/255
		sum += p * level
		squares += p * level * level
		l.Entropy -= float32(p * math.Log2(p))
	}
	l.Brightness, l.Contrast = float32(sum), float32(math.Sqrt(max(0, squares-sum*sum)))
	l.Sharpness = float32(sharpness(grey))
	return l
}

// luma is the image in grey, with the weights of Pillow's convert("L").
func luma(pix []uint8, size, channels int) *image.Gray {
	if channels == 1 {
		return &image.Gray{Pix: pix, Stride: size, Rect: image.Rect(0, 0, size, size)}
	}
	g := image.NewGray(image.Rect(0, 0, size, size))
	for i := range g.Pix {
		r, gr, b := uint32(pix[3*i]), uint32(pix[3*i+1]), uint32(pix[3*i+2])
		g.Pix[i] = uint8((r*19595 + gr*38470 + b*7471 + 0x8000) >> 16)
	}
	return g
}

// sharpness is the standard deviation of 4 v - left - right - above - below over the inner pixels, of values 0 to 1.
func sharpness(g *image.Gray) float64 {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	sum, squares, n := 0.0, 0.0, 0.0
	for y := 1; y < h-1; y++ {
		for x := 1; x < w-1; x++ {
			at := y*g.Stride + x
			v := 4*int(g.Pix[at]) - int(g.Pix[at-1]) - int(g.Pix[at+1]) - int(g.Pix[at-g.Stride]) - int(g.Pix[at+g.Stride])
			sum += float64(v)
			squares += float64(v * v)
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return math.Sqrt(max(0, squares/n-(sum/n)*(sum/n))) / 255
}

// hashSide and hashKept are the side of the picture that is hashed, and of its low frequencies that are kept.
const hashSide, hashKept = 32, 8

// pHash is the perceptual hash of imagehash 4.3 (imagehash.phash): the signs, against their median, of the 8 x 8 lowest frequencies of
// the picture's discrete cosine transform at 32 x 32 pixels. The first bit is the highest.
func pHash(g *image.Gray) uint64 {
	small := make([]uint8, hashSide*hashSide)
	picture.NewResizer(picture.Target{Size: hashSide, Channels: 1, ResizeMode: "squash", Interpolation: "lanczos"}).To(small, g)
	var down [hashKept][hashSide]float64
	for u := range hashKept {
		for x := range hashSide {
			for y := range hashSide {
				down[u][x] += cosines[u][y] * float64(small[y*hashSide+x])
			}
		}
	}
	var low [hashKept * hashKept]float64
	for u := range hashKept {
		for v := range hashKept {
			for x := range hashSide {
				low[u*hashKept+v] += cosines[v][x] * down[u][x]
			}
		}
	}
	sorted := low
	slices.Sort(sorted[:])
	median := (sorted[31] + sorted[32]) / 2
	hash := uint64(0)
	for _, v := range low {
		hash <<= 1
		if v > median {
			hash |= 1
		}
	}
	return hash
}

// cosines are those of the discrete cosine transform of the second kind.
var cosines = func() (c [hashKept][hashSide]float64) {
	for u := range hashKept {
		for x := range hashSide {
			c[u][x] = 2 * math.Cos(math.Pi*float64(u)*(2*float64(x)+1)/(2*hashSide))
		}
	}
	return c
}()
