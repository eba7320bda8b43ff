package conv

import (
	"fmt"
	"math"

	"udml-gpu/cgo/cudnn"
	"udml-gpu/kernels"
)

// The own kernels by precision, and for maps of bfloat16.
var (
	forwardKernels      = kernelsOf("conv_forward_")
	finishKernel        = kernels.NewStored("conv_finish")
	finishQuadsKernel   = kernels.NewStored("conv_finish_quads")
	backwardDataKernels = kernelsOf("conv_backward_data_")
)

type variants struct {
	single [3]*kernels.Kernel
	brain  *kernels.Kernel
}

func kernelsOf(name string) variants {
	return variants{
		single: [3]*kernels.Kernel{
			kernels.FP32: kernels.NewKernel(name + "fp32"), kernels.TF32: kernels.NewKernel(name + "tf32"),
			kernels.BF16: kernels.NewKernel(name + "bf16"),
		},
		brain: kernels.NewKernel(name + "b16"),
	}
}

// of is the kernel for maps like a.
func (v *variants) of(a *kernels.Array) *kernels.Kernel {
	if a.DType() == kernels.BFloat16 {
		return v.brain
	}
	return v.single[a.Device().Precision()]
}

// The tiles of the own kernels: tall ones where rows are pixels, square ones where rows are filters. A block has two
// threads for each row.
const (
	tallTile   = 128
	squareTile = 64
	tileCols   = 64
)

// forwardCUDA is cuDNN's, followed by bias and ReLU, or all in one by the own kernel.
func forwardCUDA(y, x, w, b *kernels.Array, g geometry, relu bool) {
	dev := y.Device()
	switch {
	case y.Len() == 0:
	case w.Len() == 0:
		y.Zero()
		FinishCUDA(y, b, g.o, relu)
	case onLibrary(cudnn.Forward, x, w, y, g, 0):
		FinishCUDA(y, b, g.o, relu)
	default:
		g.launch(dev, forwardKernels.of(x), tiles(g.pixels(), g.o, tallTile, 1),
			kernels.Ptr(y), kernels.Ptr(x), kernels.Ptr(w), kernels.Ptr(b), kernels.Bool(relu))
	}
}

// FinishCUDA is y = max(0, y + b) on y [...,cols] and b [cols], b (nil) or the maximum left out.
func FinishCUDA(y, b *kernels.Array, cols int, relu bool) {
	if b == nil && !relu {
		return
	}
	kernel, n := finishKernel.Of(y), y.Len()
	if cols%4 == 0 && y.Address()%16 == 0 && b.Address()%16 == 0 {
		kernel, n, cols = finishQuadsKernel.Of(y), n/4, cols/4
	}
	y.Device().Launch(kernel, kernels.Elements(n), kernels.Ptr(y), kernels.Ptr(b), kernels.I64(n), kernels.I32(cols), kernels.Bool(relu))
}

// backwardDataCUDA is cuDNN's, or the own kernel's.
func backwardDataCUDA(dx, dy, w *kernels.Array, g geometry, accumulate bool) {
	dev := dx.Device()
	switch {
	case dx.Len() == 0 || dy.Len() == 0 && accumulate:
	case dy.Len() == 0:
		dx.Zero()
	case onLibrary(cudnn.BackwardData, dx, w, dy, g, betaOf[float32](accumulate)):
	default:
		g.launch(dev, backwardDataKernels.of(dx), tiles(g.n*g.h*g.w, g.c, tallTile, 1),
			kernels.Ptr(dx), kernels.Ptr(dy), kernels.Ptr(w), kernels.Bool(accumulate))
	}
}

// tiles is the launch of an own kernel over a rows x cols product whose sum is in so many parts.
func tiles(rows, cols, tile, parts int) kernels.Launch {
	across := kernels.Blocks(cols, tileCols)
	return kernels.Launch{Grid: kernels.Dim{X: kernels.Blocks(rows, tile) * across, Z: parts}, Block: kernels.Dim{X: 2 * tile}}
}

// pixels is the number of output pixels.
func (g *geometry) pixels() int { return g.n * g.oh * g.ow }

// launch starts an own kernel: its arguments are head and the sizes. It counts pixels and terms in 32 bits, up to the end
// of a last tile.
func (g *geometry) launch(dev *kernels.Device, k *kernels.Kernel, l kernels.Launch, head ...kernels.Arg) {
	if most := max(g.pixels(), g.n*g.h*g.w, g.patch(), g.kh*g.kw*g.o); most > math.MaxInt32-tallTile {
		panic(fmt.Sprintf("conv: %d pixels or terms of a sum are more than a kernel can count", most))
	}
	var args [16]kernels.Arg
	n := copy(args[:], head)
	for _, size := range [...]int{g.n, g.h, g.w, g.c, g.oh, g.ow, g.o, g.kh, g.kw, g.stride, g.pad} {
		args[n] = kernels.I32(size)
		n++
	}
	dev.Launch(k, l, args[:n]...)
}
