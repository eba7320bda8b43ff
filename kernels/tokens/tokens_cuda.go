package tokens

import "udml-gpu/kernels"

var (
	assembleKernel     = kernels.NewStored("tokens_assemble")
	takeKernel         = kernels.NewStored("tokens_take")
	takeBackwardKernel = kernels.NewStored("tokens_take_backward")
	sumImagesKernel    = kernels.NewStored("tokens_sum_images")
)

func assembleCUDA(y, x, prefix, pos, prefixPos *kernels.Array) {
	if y.Len() == 0 {
		return
	}
	n, t, d, rows := x.Dim(0), x.Dim(1), x.Dim(2), y.Dim(1)
	pack := kernels.Pack(d, y, x, prefix, pos, prefixPos)
	y.Device().Launch(assembleKernel.Of(y), kernels.Lines(d/pack, n*rows), kernels.Ptr(y), kernels.Ptr(x), kernels.Ptr(prefix),
		kernels.Ptr(pos), kernels.Ptr(prefixPos), kernels.I32(n), kernels.I32(rows-t), kernels.I32(t), kernels.I32(d), kernels.I32(pack))
}

func takeCUDA(y, x *kernels.Array, from int) {
	if y.Len() == 0 {
		return
	}
	n, count, d := y.Dim(0), y.Dim(1), y.Dim(2)
	pack := kernels.Pack(d, y, x)
	y.Device().Launch(takeKernel.Of(y), kernels.Lines(d/pack, n*count), kernels.Ptr(y), kernels.Ptr(x), kernels.I32(n),
		kernels.I32(x.Dim(1)), kernels.I32(from), kernels.I32(count), kernels.I32(d), kernels.I32(pack))
}

func takeBackwardCUDA(dx, dy *kernels.Array, from int, add bool) {
	if dx.Len() == 0 {
		return
	}
	n, rows, d := dx.Dim(0), dx.Dim(1), dx.Dim(2)
	pack := kernels.Pack(d, dx, dy)
	dx.Device().Launch(takeBackwardKernel.Of(dx), kernels.Lines(d/pack, n*rows), kernels.Ptr(dx), kernels.Ptr(dy), kernels.I32(n),
		kernels.I32(rows), kernels.I32(from), kernels.I32(dy.Dim(1)), kernels.I32(d), kernels.Bool(add), kernels.I32(pack))
}

func sumImagesCUDA(sum, x *kernels.Array, from int) {
	if sum.Len() == 0 {
		return
	}
	d := x.Dim(2)
	x.Device().Launch(sumImagesKernel.Of(x), kernels.Elements(sum.Len()), kernels.Ptr(sum), kernels.Ptr(x), kernels.I32(x.Dim(0)),
		kernels.I64(x.Dim(1)*d), kernels.I64(from*d), kernels.I64(sum.Len()))
}
