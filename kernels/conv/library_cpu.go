package conv

import (
	"udml-gpu/cgo/onednn"
	"udml-gpu/cgo/vector"
	"udml-gpu/kernels"
	"udml-gpu/kernels/act"
	"udml-gpu/kernels/gemm"
)

// cpuLibrary is oneDNN, whose convolutions of float32 arrays are used where there is one. It convolves image by image, so that the
// bytes of an image do not depend on its place in the batch or on the images beside it.
var cpuLibrary = onednn.Cache[passKey, onednn.Conv]{Most: 4096} // ten times the passes of the deepest network

type passKey struct {
	pass  onednn.Pass
	shape onednn.Shape
}

// passOf is a pass on n images at a time, nil where the library is not used for it. Weights have like's layout, unless it is nil.
func passOf(pass onednn.Pass, g *geometry, n int, like *onednn.Conv) *onednn.Conv {
	if !onednn.Available() {
		return nil
	}
	key := passKey{pass, onednn.Shape{
		N: n, H: g.h, W: g.w, C: g.c, OH: g.oh, OW: g.ow, O: g.o, KH: g.kh, KW: g.kw, Stride: g.stride, Pad: g.pad, Groups: 1,
	}}
	return cpuLibrary.Of(key, func() (*onednn.Conv, error) { return onednn.New(pass, key.shape, like) })
}

// library says that the library is asked for a pass: where it is faster, and no array is empty.
func (g *geometry) library(pass onednn.Pass) bool {
	return onednn.Available() && g.n*g.in()*g.out() > 0 && g.faster(pass, onednn.Wide())
}

// The limits of what oneDNN 3.2 does faster than products of matrices by OpenBLAS 0.3.21, with the convolutions of SqueezeNet, conv4 and
// ResNet on one core of Zen 4, with AVX-512 (wide) and without.
const (
	manyWeights = 1 << 16 // of 1x1 filters: below, a product has less to set up
	fewPixels   = 4       // of an output: below, the filters are read for too few pixels
	fewChannels = 16      // of an image: its gradient is then a product of narrow matrices
)

// faster says that the library is faster than own code at a pass. It does not depend on the number of images.
func (g *geometry) faster(pass onednn.Pass, wide bool) bool {
	pixels, point := g.oh*g.ow, g.kh == 1 && g.kw == 1
	switch {
	case point && (g.stride > 1 || pixels < fewPixels || g.o*g.c < manyWeights):
		return false
	case pass == onednn.BackwardWeights:
		return pixels > fewPixels && (wide || g.c < fewChannels && !point)
	case pass == onednn.BackwardData:
		return g.c >= fewChannels && (wide || g.stride == 1)
	}
	return true
}

// packed calls f with the weights in the library's layout.
func packed(p *onednn.Conv, w []float32, f func(own []float32)) {
	own := kernels.BorrowHost[float32](p.Weights())
	must(p.Pack(own, w))
	f(own)
	kernels.ReturnHost(own)
}

// eachImages calls f for tiles of images whose inputs and outputs stay in the second-level cache, with scratch memory for p.
func eachImages(g *geometry, p *onednn.Conv, f func(lo, hi int, scratch []float32)) {
	bytes := 4 * (g.in() + g.out())
	kernels.Tiles(g.n, max(1, tileBytes/bytes), func(lo, hi int) {
		scratch := kernels.BorrowHost[float32](p.Scratch())
		f(lo, hi, scratch)
		kernels.ReturnHost(scratch)
	})
}

// forwardLibrary is forward by the library; false where it does not do it.
func forwardLibrary(y, x, w, b []float32, g geometry, relu bool) bool {
	p := passOf(onednn.Forward, &g, 1, nil)
	if p == nil {
		return false
	}
	packed(p, w, func(own []float32) {
		eachImages(&g, p, func(lo, hi int, scratch []float32) {
			out := y[lo*g.out() : hi*g.out()]
			must(p.Run(hi-lo, x[lo*g.in():hi*g.in()], own, out, scratch))
			switch {
			case b != nil:
				vector.BiasFloor(out, b, lowest(relu))
			case relu:
				rectify(out)
			}
		})
	})
	return true
}

// backwardDataLibrary is backwardData by the library, whose result is added to dx from work memory when accumulate.
func backwardDataLibrary(dx, dy, w []float32, g geometry, accumulate bool) bool {
	p := passOf(onednn.BackwardData, &g, 1, nil)
	if p == nil {
		return false
	}
	packed(p, w, func(own []float32) {
		eachImages(&g, p, func(lo, hi int, scratch []float32) {
			in, out := dx[lo*g.in():hi*g.in()], dy[lo*g.out():hi*g.out()]
			if !accumulate {
				must(p.Run(hi-lo, in, own, out, scratch))
				return
			}
			more := kernels.BorrowHost[float32](len(in))
			must(p.Run(hi-lo, more, own, out, scratch))
			vector.AddRows(in, more)
			kernels.ReturnHost(more)
		})
	})
	return true
}

// backwardWeightsLibrary is backwardWeights by the library: sums over parts of the images, in the library's layout, are added in
// order.
func backwardWeightsLibrary(dw, db, x, dy, y []float32, g geometry) bool {
	chunk := kernels.TileCount(g.n, partCount[float32](len(dw)))
	p := passOf(onednn.BackwardWeights, &g, chunk, nil)
	last := p
	if rest := g.n % chunk; rest != 0 && p != nil {
		last = passOf(onednn.BackwardWeights, &g, rest, p)
	}
	if last == nil {
		return false
	}
	count, size := kernels.TileCount(g.n, chunk), p.Weights()
	sums, biases := kernels.BorrowHost[float32](count*size), kernels.BorrowHost[float32](count*len(db))
	kernels.Tiles(g.n, chunk, func(lo, hi int) {
		part, at := lo/chunk, p
		if hi-lo < chunk {
			at = last
		}
		sumBias(biases[part*len(db):][:len(db)], dy, y, &g, lo, hi)
		scratch := kernels.BorrowHost[float32](at.Scratch())
		must(at.Run(1, x[lo*g.in():hi*g.in()], sums[part*size:][:size], dy[lo*g.out():hi*g.out()], scratch))
		kernels.ReturnHost(scratch)
	})
	total := sums[:size]
	if count > 1 {
		gemm.AddParts(total, sums, count, 0)
	}
	must(p.Unpack(dw, total))
	gemm.AddParts(db, biases, count, 0)
	kernels.ReturnHost(sums)
	kernels.ReturnHost(biases)
	return true
}

// sumBias masks the gradients of images [lo,hi) where there is a y, and adds them up; db may be empty.
func sumBias(db, dy, y []float32, g *geometry, lo, hi int) {
	clear(db)
	for i := lo; i < hi; i++ {
		out := dy[i*g.out() : (i+1)*g.out()]
		if y != nil {
			act.Mask(out, y[i*g.out():(i+1)*g.out()])
		}
		addRows(db, out)
	}
}

// must panics at an error of the library: other code would give other bytes.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// Backend names the code that convolves float32 arrays on the CPU, such as "oneDNN 3.2.0 (AVX2)" or OwnCode, and says why.
func Backend() (name, why string) {
	if !onednn.Available() {
		return OwnCode, onednn.Problem()
	}
	return onednn.Name(), onednn.File()
}

// OwnCode is the name of this package's own convolutions.
const OwnCode = "own code over matrix products"
