package distance

import (
	"fmt"

	"udml-gpu/kernels"
	"udml-gpu/kernels/half"
)

// TopKHalf is TopK by InnerProduct among rows y [M,D] of IEEE 754 binary16 numbers, M being len(y) / D, on a CPU. It gives what TopK gives
// for the same rows as float32, but for the rounding of products, and holds a block of these a core at a time. x is float32 with at least
// one column.
func TopKHalf(vals, idx, x *kernels.Array, y []uint16) {
	const op = "distance.TopKHalf"
	kernels.WantShape(op, "x", x, -1, -1)
	kernels.WantShape(op, "vals", vals, x.Dim(0), -1)
	kernels.WantShape(op, "idx", idx, x.Dim(0), vals.Dim(1))
	kernels.WantType(op, "x", x, kernels.Float32)
	kernels.WantType(op, "vals", vals, kernels.Float32)
	kernels.WantType(op, "idx", idx, kernels.Int32)
	d := x.Dim(1)
	if d == 0 || len(y)%d != 0 {
		panic(fmt.Sprintf("%s: %d numbers are no rows of %d", op, len(y), d))
	}
	if kernels.PathOf(op, vals, x) != kernels.InFloat32 {
		panic(op + ": x is not on a CPU")
	}
	s := &search[float32]{self: -1, part: Part{0, x.Dim(0)}}
	s.writeTo(vals, idx, 1)
	s.run(&scorer[float32]{x: kernels.Data[float32](x), halves: y, d: d, metric: InnerProduct, sign: 1}, x.Dim(0), len(y)/d)
}

// others are rows [j0,j1) of y, until done is called.
func (s *scorer[T]) others(j0, j1 int) (rows []T, done func()) {
	if s.halves == nil {
		return s.y[j0*s.d : j1*s.d], func() {}
	}
	rows = kernels.BorrowHost[T]((j1 - j0) * s.d)
	half.Decode(kernels.AsFloat32(rows), s.halves[j0*s.d:j1*s.d])
	return rows, func() { kernels.ReturnHost(rows) }
}
