package depthwise

import (
	"fmt"
	"math"

	"udml-gpu/cgo/cudnn"
	"udml-gpu/kernels"
	"udml-gpu/kernels/conv"
	"udml-gpu/kernels/gemm"
)

var (
	forwardKernel         = kernels.NewStored("depthwise_forward")
	backwardDataKernel    = kernels.NewStored("depthwise_backward_data")
	backwardWeightsKernel = kernels.NewStored("depthwise_backward_weights")
	turnKernel            = kernels.NewStored("depthwise_turn")
)

// The constants of the kernels: outputs of a strip, channels and warps of a block that sums weights, and taps that one does.
const (
	strip       = 4
	weightLanes = 32
	weightWarps = 8
	weightTaps  = 8
)

func forwardCUDA(y, x, w, b *kernels.Array, g geometry) {
	if y.Len() == 0 {
		return
	}
	if x.Len() > 0 && onLibrary(cudnn.Forward, x, w, y, g, 0) {
		conv.FinishCUDA(y, b, g.c, false)
		return
	}
	turnedCUDA(w, g.c, g.taps(), func(v *kernels.Array) {
		pack := kernels.Pack(g.c, y, x, v, b)
		g.launch(y.Device(), forwardKernel.Of(y), kernels.Lines(kernels.Blocks(g.ow, strip)*g.c/pack, g.n*g.oh),
			kernels.Ptr(y), kernels.Ptr(x), kernels.Ptr(v), kernels.Ptr(b), kernels.I32(pack))
	})
}

func backwardDataCUDA(dx, dy, w *kernels.Array, g geometry, accumulate bool) {
	if dx.Len() == 0 || dy.Len() == 0 && accumulate {
		return
	}
	if dy.Len() == 0 {
		dx.Zero()
		return
	}
	beta := float32(0)
	if accumulate {
		beta = 1
	}
	if onLibrary(cudnn.BackwardData, dx, w, dy, g, beta) {
		return
	}
	turnedCUDA(w, g.c, g.taps(), func(v *kernels.Array) {
		pack := kernels.Pack(g.c, dx, dy, v)
		g.launch(dx.Device(), backwardDataKernel.Of(dx), kernels.Lines(g.w*g.c/pack, g.n*g.h),
			kernels.Ptr(dx), kernels.Ptr(dy), kernels.Ptr(v), kernels.Bool(accumulate), kernels.I32(pack))
	})
}

func backwardWeightsCUDA(dw, db, x, dy *kernels.Array, s Spec) {
	if db != nil {
		gemm.ColumnSums(db, dy)
	}
	if dw == nil || dw.Len() == 0 {
		return
	}
	g := geometryOf("depthwise.BackwardWeights", dy, x, dw, s)
	if dy.Len() == 0 || x.Len() == 0 {
		dw.Zero()
		return
	}
	if !weightsOnLibrary(dw, x, dy, g) {
		ownWeights(dw, x, dy, g)
	}
}

// ownWeights is the own kernel, whose parts of the lines are added in order.
func ownWeights(dw, x, dy *kernels.Array, g geometry) {
	const blocks, most = 1024, 64 // enough blocks for a large GPU; more parts would make adding them the longer work
	dev, lines := dw.Device(), g.n*g.oh
	grid := kernels.Dim{X: kernels.Blocks(g.c, weightLanes), Y: g.kh * kernels.Blocks(g.kw, weightTaps)}
	chunk := kernels.Blocks(lines, max(1, min(most, blocks/(grid.X*grid.Y))))
	grid.Z = kernels.Blocks(lines, chunk)
	sums := dev.Scratch(kernels.Float32, grid.Z+1, dw.Len())
	parts, total := sums.View(0, grid.Z, dw.Len()), sums.View(grid.Z*dw.Len(), dw.Len())
	g.launch(dev, backwardWeightsKernel.Of(x), kernels.Launch{Grid: grid, Block: kernels.Dim{X: weightLanes, Y: weightWarps}},
		kernels.Ptr(parts), kernels.Ptr(x), kernels.Ptr(dy), kernels.I32(chunk))
	gemm.AddPartsCUDA(total, parts, grid.Z, 0)
	turnCUDA(dw, total, g.taps(), g.c)
	sums.Free()
}

// turnedCUDA calls f with w [rows,cols] turned over, in float32.
func turnedCUDA(w *kernels.Array, rows, cols int, f func(v *kernels.Array)) {
	v := w.Device().Scratch(kernels.Float32, cols, rows)
	turnCUDA(v, w, rows, cols)
	f(v)
	v.Free()
}

func turnCUDA(to, from *kernels.Array, rows, cols int) {
	to.Device().Launch(turnKernel.Of(from), kernels.Elements(rows*cols), kernels.Ptr(to), kernels.Ptr(from), kernels.I32(rows),
		kernels.I32(cols))
}

// launch starts a kernel: its arguments are head and the sizes. It counts lines and places in a line in 32 bits.
func (g *geometry) launch(dev *kernels.Device, k *kernels.Kernel, l kernels.Launch, head ...kernels.Arg) {
	if most := max(g.n*max(g.h, g.oh), (max(g.w, g.ow)+strip)*g.c, g.taps()*g.c); most > math.MaxInt32/2 {
		panic(fmt.Sprintf("depthwise: %d lines or elements of a line are more than a kernel can count", most))
	}
	var args [16]kernels.Arg
	n := copy(args[:], head)
	for _, size := range [...]int{g.n, g.h, g.w, g.c, g.oh, g.ow, g.kh, g.kw, g.stride, g.before} {
		args[n] = kernels.I32(size)
		n++
	}
	dev.Launch(k, l, args[:n]...)
}
