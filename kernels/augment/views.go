package augment

import (
	"fmt"

	"udml-gpu/kernels"
)

// Views shows images through affine maps: row r of dst [R,S,S,C] float32 is the result of Affine for image index[r] of pixels
// [N,h,w,C] uint8 with the map matrix[r], bit for bit, on both devices. index [R] int32, matrix [R,6] float64; invert as
// in Affine. The images may be empty only where there are no rows.
//
// An index outside of [0,N) is a bug of the caller: the CPU panics, a GPU leaves that row of dst as it was.
func Views(dst, pixels, index, matrix *kernels.Array, invert bool) {
	const op = "augment.Views"
	kernels.WantShape(op, "pixels", pixels, -1, -1, -1, -1)
	kernels.WantShape(op, "index", index, -1)
	rows, size := index.Dim(0), 0
	if len(dst.Shape()) == 4 {
		size = dst.Dim(1)
	}
	kernels.WantShape(op, "dst", dst, rows, size, size, pixels.Dim(3))
	kernels.WantShape(op, "matrix", matrix, rows, 6)
	kernels.WantType(op, "dst", dst, kernels.Float32)
	kernels.WantType(op, "pixels", pixels, kernels.Uint8)
	kernels.WantType(op, "index", index, kernels.Int32)
	kernels.WantType(op, "matrix", matrix, kernels.Float64)
	if dst.Len() == 0 {
		return
	}
	if pixels.Len() == 0 {
		panic(fmt.Sprintf("%s: %v cannot show %v", op, dst, pixels))
	}
	if dst.Device().CUDA() {
		viewsCUDA(dst, pixels, index, matrix, invert)
		return
	}
	views(dst, pixels, index, matrix, invert)
}
