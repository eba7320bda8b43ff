package rope

import "udml-gpu/kernels"

var (
	tableKernel  = kernels.NewKernel("rope_table")
	rotateKernel = kernels.NewStored("rope_rotate")
)

func tableCUDA(cos, sin *kernels.Array, h, w int, base float64) {
	cos.Device().Launch(tableKernel, kernels.Elements(cos.Len()), kernels.Ptr(cos), kernels.Ptr(sin), kernels.I32(cos.Len()),
		kernels.I32(cos.Dim(1)), kernels.I32(h), kernels.I32(w), kernels.F64(base))
}

// rotateCUDA has a place of a line for each pair of a token, and for each value where values must be copied.
func rotateCUDA(y, x, cos, sin *kernels.Array, s sizes) {
	if x.Len() == 0 {
		return
	}
	places, lines := s.width(), x.Dim(0)*x.Dim(1)
	if y.Address() != x.Address() {
		places *= 2
	}
	x.Device().Launch(rotateKernel.Of(x), kernels.Lines(places, lines), kernels.Ptr(y), kernels.Ptr(x), kernels.Ptr(cos), kernels.Ptr(sin),
		kernels.I32(lines), kernels.I32(s.tokens), kernels.I32(s.prefix), kernels.I32(s.width()), kernels.I32(s.half), kernels.I32(places),
		kernels.F32(s.sign))
}
