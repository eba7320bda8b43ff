package augment

import (
	"fmt"
	"math"

	"udml-gpu/kernels"
	"udml-gpu/kernels/rng"
)

// Effect is what is done to the pixels of a view, in this order. The zero value changes nothing.
type Effect struct {
	Colours [4]Colour // a colour jitter, in this order, of three channels, or of one, which has no saturation and no hue

	Grey  bool    // each pixel becomes its luma 0.2989 R + 0.587 G + 0.114 B, of three channels; nothing of other numbers of channels
	Sigma float64 // of a Gaussian blur, in pixels of the view; 0: none
	Box   Box     // takes the view's mean colour; of no width or no height: none
}

// Box is a rectangle of whole pixels.
type Box struct{ X, Y, Width, Height int }

// EffectFloats is the length of a row that says an Effect to Effects. A row holds, as float32: at 0 whether it is grey, at 1 the
// radius of the blur and from effectWeights on its weights, that of the middle first; from effectBox on the box, and from effectColours on
// pairs of what the colours go through (putColours).
const EffectFloats = 48

const (
	effectGrey, effectRadius, effectBox = 0, 1, 2
	effectColours, effectWeights        = 6, 14
)

// MostSigma is the largest Effect.Sigma: 4 of it are the largest radius whose weights a row has room for.
const MostSigma = 8

// Row is e for views of size x size pixels as Effects and Apply take it.
//
// The blur's radius is 4 Sigma, rounded up, or size-1 if that is less; weight i is exp(-i²/(2 Sigma²)) over the sum of all 2 radius + 1:
// torchvision.transforms.functional.gaussian_blur with a kernel_size of 2 radius + 1, whose weights beyond 4 Sigma are below 1e-4.
func (e Effect) Row(size int) [EffectFloats]float32 {
	var row [EffectFloats]float32
	putColours(&row, e.Colours)
	if e.Grey {
		row[effectGrey] = 1
	}
	if e.Sigma > 0 {
		putWeights(&row, e.Sigma, size)
	}
	for i, v := range []int{e.Box.X, e.Box.Y, e.Box.Width, e.Box.Height} {
		row[effectBox+i] = float32(v)
	}
	return row
}

func putWeights(row *[EffectFloats]float32, sigma float64, size int) {
	if sigma > MostSigma {
		panic(fmt.Sprintf("augment.Effect: a sigma of %g is above %d", sigma, MostSigma))
	}
	radius, sum := min(int(math.Ceil(4*sigma)), max(size-1, 0)), 0.0
	weight := func(i int) float64 { return math.Exp(-0.5 * (float64(i) / sigma) * (float64(i) / sigma)) }
	for i := -radius; i <= radius; i++ {
		sum += weight(i)
	}
	row[effectRadius] = float32(radius)
	for i := range radius + 1 {
		row[effectWeights+i] = float32(weight(i) / sum)
	}
}

// The elements of a key that effects are drawn from: those before belong to Matrix.
const (
	effectElement = 2 + areaTries
	jitterElement = effectElement + 1
	eraseElement  = jitterElement + 2
)

// Effect draws what is done to the pixels of one view of size x size. A given key always draws the same: of element 12 words 0 to 3 say
// whether the view is grey, whether it is blurred, by how much, and whether a box of it is covered; of element 13 words 0 and 1 whether
// the colours change and in which order, and the words of element 14 how far each does; each try for the box is an element from 15 on.
func (r Ranges) Effect(k rng.Key, size int) Effect {
	if !r.Changing() {
		return Effect{}
	}
	var e Effect
	words := k.At(effectElement)
	if order := k.At(jitterElement); happens(order[0], r.JitterShare) {
		e.Colours = r.Jitter.draw(order[1], k.At(jitterElement+1))
	}
	e.Grey = happens(words[0], r.Grey)
	if happens(words[1], r.Blur) {
		e.Sigma = rng.Between(words[2], r.SigmaLo, r.SigmaHi)
	}
	if happens(words[3], r.Erase) {
		e.Box = eraseBox(size, r.EraseLo, r.EraseHi, func(try int) [4]uint32 { return k.At(uint32(eraseElement + try)) })
	}
	return e
}

// Changing says that some views of r have an Effect.
func (r Ranges) Changing() bool { return r.JitterShare > 0 || r.Grey > 0 || r.Blur > 0 || r.Erase > 0 }

// happens is true for a share p of all words.
func happens(word uint32, p float64) bool { return float64(rng.Uniform(word)) < p }

// Effects applies to view r of dst [R,S,S,C] float32, in place, what row r of rows [R,EffectFloats] float32 says (Effect.Row), with the
// same bits on both devices. Pixels that the blur needs beyond the edge are mirrored at the edge pixel (torch's "reflect"). Values are
// within 1e-6 of those computed without rounding, for pixels in [0,1], and after a colour jitter within 4e-6. A GPU needs memory for up
// to 128 views beside them.
func Effects(dst, rows *kernels.Array) {
	const op = "augment.Effects"
	kernels.WantShape(op, "dst", dst, -1, -1, -1, -1)
	kernels.WantShape(op, "dst", dst, dst.Dim(0), dst.Dim(1), dst.Dim(1), dst.Dim(3))
	kernels.WantShape(op, "rows", rows, dst.Dim(0), EffectFloats)
	kernels.WantType(op, "dst", dst, kernels.Float32)
	kernels.WantType(op, "rows", rows, kernels.Float32)
	if dst.Len() == 0 {
		return
	}
	if dst.Device().CUDA() {
		effectsCUDA(dst, rows)
		return
	}
	effects(dst, rows)
}
