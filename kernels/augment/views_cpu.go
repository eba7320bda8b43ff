package augment

import "udml-gpu/kernels"

// viewRows is the number of views that one core makes at a time.
const viewRows = 4

func views(dst, pixels, index, matrix *kernels.Array, invert bool) {
	h, w, c, size := pixels.Dim(1), pixels.Dim(2), pixels.Dim(3), dst.Dim(1)
	out, image := size*size*c, h*w*c
	to, from := kernels.Data[float32](dst), kernels.Data[uint8](pixels)
	rows, maps := kernels.Data[int32](index), kernels.Data[float64](matrix)
	kernels.Tiles(len(rows), viewRows, func(lo, hi int) {
		for r := lo; r < hi; r++ {
			i := int(rows[r])
			Affine(to[r*out:(r+1)*out], from[i*image:(i+1)*image], h, w, c, size, [6]float64(maps[6*r:6*r+6]), invert)
		}
	})
}
