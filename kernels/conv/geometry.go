package conv

import (
	"unsafe"

	"udml-gpu/kernels"
	"udml-gpu/kernels/gemm"
)

// geometry is the sizes of one convolution. A line is one row of output pixels of one image; there are n*oh.
type geometry struct {
	n, h, w, c  int // input
	oh, ow, o   int // output
	kh, kw      int
	stride, pad int
}

// patch is the number of input elements under the kernel.
func (g *geometry) patch() int { return g.kh * g.kw * g.c }

// in and out are the numbers of elements of an image and of its output.
func (g *geometry) in() int  { return g.h * g.w * g.c }
func (g *geometry) out() int { return g.oh * g.ow * g.o }

// pointwise says that a patch is a pixel, so that x is already the matrix of patches.
func (g *geometry) pointwise() bool {
	return g.kh == 1 && g.kw == 1 && g.stride == 1 && g.oh == g.h && g.ow == g.w
}

// even says that padding of pad zeros on every side gives the output: zeros beyond that on the last sides meet no kernel, or there
// are none.
func (g *geometry) even() bool {
	s := Spec{Stride: g.stride, Pad: g.pad}
	return g.oh == s.OutSize(g.h, g.kh) && g.ow == s.OutSize(g.w, g.kw)
}

// tileBytes is the memory that patches and outputs of a tile may take: with the filters and the library's packed copies, which
// are of the same order, it stays within a second-level cache of 1 MB.
const tileBytes = 256 << 10

// lines is the number of lines in a tile, a function of the shape alone.
func lines[T kernels.Float](g *geometry) int {
	row := g.ow * (g.patch() + g.o) * int(unsafe.Sizeof(*new(T)))
	return max(1, tileBytes/max(row, 1))
}

// inside is the range of output columns whose patches do not reach over the image's left or right edge.
func (g *geometry) inside() (lo, hi int) {
	lo = min((g.pad+g.stride-1)/g.stride, g.ow)
	if g.w+g.pad < g.kw {
		return lo, lo
	}
	return lo, max(lo, min((g.w+g.pad-g.kw)/g.stride+1, g.ow))
}

// overlap is the part [lo,hi) of a kernel of the given size, put at pixel start, that lies in an image of size pixels.
func overlap(start, kernel, size int) (lo, hi int) {
	lo = min(max(0, -start), kernel)
	return lo, max(lo, min(kernel, size-start))
}

// lower copies the patches of lines [lo,hi) side by side: col [(hi-lo) ow, kh, kw, c], zeros outside the image.
func lower[T kernels.Float](col, x []T, g *geometry, lo, hi int) {
	patch, run := g.patch(), g.kw*g.c
	for line := lo; line < hi; line++ {
		image, top := line/g.oh, line%g.oh*g.stride-g.pad
		out := col[(line-lo)*g.ow*patch:][:g.ow*patch]
		for p := range g.kh {
			if row := top + p; row < 0 || row >= g.h {
				clearRuns(out[p*run:], patch, run, g.ow)
			} else {
				lowerRow(out[p*run:], x[(image*g.h+row)*g.w*g.c:][:g.w*g.c], g)
			}
		}
	}
}

func clearRuns[T kernels.Float](out []T, patch, run, count int) {
	for j := range count {
		clear(out[j*patch:][:run])
	}
}

// lowerRow copies the part of each patch that lies in one row of the image: kw pixels, contiguous in both.
func lowerRow[T kernels.Float](out, row []T, g *geometry) {
	patch, run, step := g.patch(), g.kw*g.c, g.stride*g.c
	first, last := g.inside()
	for j := range first {
		lowerEdge(out[j*patch:][:run], row, j, g)
	}
	src := first*step - g.pad*g.c
	for j := first; j < last; j++ {
		copy(out[j*patch:][:run], row[src:])
		src += step
	}
	for j := last; j < g.ow; j++ {
		lowerEdge(out[j*patch:][:run], row, j, g)
	}
}

func lowerEdge[T kernels.Float](out, row []T, j int, g *geometry) {
	start := j*g.stride - g.pad
	lo, hi := overlap(start, g.kw, g.w)
	clear(out[:lo*g.c])
	if lo < hi {
		copy(out[lo*g.c:hi*g.c], row[(start+lo)*g.c:])
	}
	clear(out[hi*g.c:])
}

// raise is the transpose of lower: it adds the patches of lines [lo,hi) to the image elements they were copied from.
func raise[T kernels.Float](dx, col []T, g *geometry, lo, hi int) {
	patch, run := g.patch(), g.kw*g.c
	for line := lo; line < hi; line++ {
		image, top := line/g.oh, line%g.oh*g.stride-g.pad
		in := col[(line-lo)*g.ow*patch:][:g.ow*patch]
		from, to := overlap(top, g.kh, g.h)
		for p := from; p < to; p++ {
			row := dx[(image*g.h+top+p)*g.w*g.c:][:g.w*g.c]
			for j := range g.ow {
				start := j*g.stride - g.pad
				if a, b := overlap(start, g.kw, g.w); a < b {
					gemm.Axpy(1, in[j*patch+p*run+a*g.c:][:(b-a)*g.c], row[(start+a)*g.c:][:(b-a)*g.c])
				}
			}
		}
	}
}
