package conv

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/gemm"
)

// tilesApart calls f for tiles of about as many lines as asked for, none of which holds lines of two images: every image is cut at
// the same lines, for any number of images. So its rows stand at the same places in products of the same shape, and have
// the same bytes from any library.
func tilesApart(g *geometry, lines int, f func(lo, hi int)) {
	parts := kernels.TileCount(g.oh, lines)
	step := kernels.TileCount(g.oh, parts)
	kernels.Tiles(g.n*parts, 1, func(t, _ int) {
		top := t / parts * g.oh
		f(min(top+t%parts*step, top+g.oh), min(top+(t%parts+1)*step, top+g.oh))
	})
}

// manyRows is the number of rows from which on a product of matrices for each image is worth it: below, packing the filters, which
// the library does for each product, costs more than multiplying. Measured with ResNet-18 at 32 and 48 pixels.
const manyRows = 3

// fewRows says that an image's output is a handful of pixels, as behind the last stride of a deep network.
func (g *geometry) fewRows() bool { return g.oh*g.ow < manyRows }

// forwardByRows is forward for outputs of few pixels: tiles hold several images, and each element is a product of two vectors.
func forwardByRows[T kernels.Float](y, x, w, b []T, g *geometry, relu bool) {
	patch := g.patch()
	kernels.Tiles(g.n*g.oh, lines[T](g), func(lo, hi int) {
		out := y[lo*g.ow*g.o : hi*g.ow*g.o]
		if g.pointwise() {
			gemm.LinearRows(out, x[lo*g.ow*patch:], w, b, patch)
		} else {
			col := kernels.BorrowHost[T]((hi - lo) * g.ow * patch)
			lower(col, x, g, lo, hi)
			gemm.LinearRows(out, col, w, b, patch)
			kernels.ReturnHost(col)
		}
		if relu {
			rectify(out)
		}
	})
}
