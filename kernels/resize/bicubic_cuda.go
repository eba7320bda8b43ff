package resize

import "udml-gpu/kernels"

var (
	bicubicWeightsKernel = kernels.NewKernel("resize_bicubic_weights")
	bicubicKernel        = kernels.NewKernel("resize_bicubic")
)

func bicubicCUDA(y, x *kernels.Array, kind BicubicKind, backward bool) {
	oh, ow, h, w, d := y.Dim(0), y.Dim(1), x.Dim(0), x.Dim(1), x.Dim(2)
	if y.Len() == 0 {
		return
	}
	if x.Len() == 0 {
		y.Zero()
		return
	}
	rows, cols := cubicOf(oh, h, kind), cubicOf(ow, w, kind)
	if backward {
		rows, cols = cubicOf(h, oh, kind), cubicOf(w, ow, kind)
	}
	a, b := rows.tableCUDA(y.Device()), cols.tableCUDA(y.Device())
	defer a.Free()
	defer b.Free()
	pack := kernels.Pack(d, y, x)
	y.Device().Launch(bicubicKernel, kernels.Lines(ow*d/pack, oh), kernels.Ptr(y), kernels.Ptr(x), kernels.Ptr(a), kernels.Ptr(b),
		kernels.I32(oh), kernels.I32(ow), kernels.I32(h), kernels.I32(w), kernels.I32(d), kernels.Bool(backward), kernels.I32(pack))
}

// tableCUDA is all weights, [out,in], in work memory.
func (c cubic) tableCUDA(dev *kernels.Device) *kernels.Array {
	t := dev.Scratch(kernels.Float32, c.out, c.in)
	dev.Launch(bicubicWeightsKernel, kernels.Elements(t.Len()), kernels.Ptr(t), kernels.I32(c.out), kernels.I32(c.in), kernels.F64(c.scale),
		kernels.Bool(c.antialias))
	return t
}
