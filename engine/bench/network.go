package bench

import (
	"fmt"
	"math"

	"udml-gpu/kernels"
	"udml-gpu/kernels/conv"
	"udml-gpu/kernels/depthwise"
	"udml-gpu/kernels/gemm"
	"udml-gpu/kernels/loss"
	"udml-gpu/kernels/norm"
)

// benchImages is the number of images in a batch of 64 with two views each.
const benchImages = 128

// productShapes are x [m,k] times w [n,k] transposed: a square product, and the products of 1x1 convolutions and of the
// embedding layer.
var productShapes = []struct{ m, n, k int }{
	{4096, 4096, 4096},
	{benchImages * 54 * 54, 64, 16},  // SqueezeNet, fire2's expand at 224 px
	{benchImages * 13 * 13, 256, 64}, // SqueezeNet, fire9's expand
	{benchImages * 7 * 7, 2048, 512}, // ResNet-50, the end of a block
	{benchImages, 128, 512},          // the embedding layer
}

func (b *gpuBench) products() []GPUKernel {
	var list []GPUKernel
	for _, s := range productShapes {
		m, n, k := b.sized(s.m, 64), min(s.n, b.sized(s.n, 64)), s.k
		if s.m == s.k {
			k = m
		}
		y, x, w := b.output(m, n), b.floats(m, k), b.floats(n, k)
		size, bytes := fmt.Sprintf("%dx%dx%d", m, n, k), rowBytes(m, n)+rowBytes(m+n, k)
		list = append(list, b.row(productRow, size, productFLOPs(m, n, k), bytes, func() {
			gemm.Gemm(y, x, w, false, true, 1, 0)
		}))
	}
	return list
}

// convShapes are layers at 224 px: images of side x side pixels and in channels.
var convShapes = []struct{ side, in, out, kernel, stride, pad int }{
	{224, 3, 96, 7, 2, 0},   // SqueezeNet 1.0, conv1
	{54, 16, 64, 3, 1, 1},   // fire2's expand
	{13, 64, 256, 3, 1, 1},  // fire9's expand
	{56, 64, 64, 3, 1, 1},   // ResNet-18, layer 1
	{14, 256, 256, 3, 1, 1}, // layer 3
}

// convolutions are forward passes, and gradients of the image and of the weights.
func (b *gpuBench) convolutions() []GPUKernel {
	images := b.sized(benchImages, 1)
	shrink := math.Sqrt(min(1, b.scale*benchImages)) // a smaller side, where even one image is above the scale
	var list []GPUKernel
	for _, c := range convShapes {
		s := conv.Spec{Stride: c.stride, Pad: c.pad}
		side := max(c.kernel, int(float64(c.side)*shrink))
		out := s.OutSize(side, c.kernel)
		x, y := b.floats(images, side, side, c.in), b.floats(images, out, out, c.out)
		w, bias := b.floats(c.out, c.kernel, c.kernel, c.in), b.floats(c.out)
		dx, dw, db := b.output(x.Shape()...), b.output(w.Shape()...), b.output(c.out)
		size := fmt.Sprintf("%dx%dx%dx%d to %d, %dx%d/%d", images, side, side, c.in, c.out, c.kernel, c.kernel, c.stride)
		flops := productFLOPs(y.Len(), c.kernel*c.kernel, c.in)
		bytes := float32Bytes * float64(x.Len()+y.Len()+w.Len())
		list = append(list,
			b.row("conv forward", size, flops, bytes, func() { conv.Forward(y, x, w, bias, s) }),
			b.row("conv backward, weights", size, flops, bytes, func() { conv.BackwardWeights(dw, db, x, y, nil, s) }))
		if c.in > 3 { // the input image needs no gradient
			list = append(list, b.row("conv backward, image", size, flops, bytes, func() { conv.BackwardData(dx, y, w, s, false) }))
		}
		b.free()
	}
	return list
}

// depthwiseShapes are layers at 224 px with a filter for each channel.
var depthwiseShapes = []struct{ side, channels, kernel int }{
	{56, 144, 3}, // EfficientNet-Lite0, block 3
	{14, 384, 7}, // ConvNeXt-T, stage 3
}

// depthwises are all passes of convolutions that keep the image's size.
func (b *gpuBench) depthwises() []GPUKernel {
	images := b.sized(benchImages, 1)
	shrink := math.Sqrt(min(1, b.scale*benchImages))
	var list []GPUKernel
	for _, c := range depthwiseShapes {
		s := depthwise.Spec{Stride: 1, PadBefore: c.kernel / 2, PadAfter: c.kernel / 2}
		side := max(c.kernel, int(float64(c.side)*shrink))
		x, y := b.floats(images, side, side, c.channels), b.floats(images, side, side, c.channels)
		w, bias := b.floats(c.channels, c.kernel, c.kernel, 1), b.floats(c.channels)
		dx, dw, db := b.output(x.Shape()...), b.output(w.Shape()...), b.output(c.channels)
		size := fmt.Sprintf("%dx%dx%dx%d, %dx%d", images, side, side, c.channels, c.kernel, c.kernel)
		flops, bytes := productFLOPs(y.Len(), c.kernel*c.kernel, 1), float32Bytes*float64(x.Len()+y.Len()+w.Len())
		list = append(list,
			b.row("depthwise forward", size, flops, bytes, func() { depthwise.Forward(y, x, w, bias, s) }),
			b.row("depthwise backward, weights", size, flops, bytes, func() { depthwise.BackwardWeights(dw, db, x, y, s) }),
			b.row("depthwise backward, image", size, flops, bytes, func() { depthwise.BackwardData(dx, y, w, s, false) }))
		b.free()
	}
	return list
}

// losses are the losses of CBSwR with their gradients.
func (b *gpuBench) losses() []GPUKernel {
	var list []GPUKernel
	for _, clusters := range []int{32, 512} {
		rows, d := b.sized(1024, 64), benchDim
		k := min(clusters, rows)
		f, c, grad := b.floats(rows, d), b.floats(k, d), b.output(rows, d)
		logits, dlogits, l, terms := b.floats(rows, k), b.output(rows, k), b.output(1), b.output(2)
		slot, count := b.slots(rows, k)
		size := fmt.Sprintf("%d rows, K %d", rows, k)
		list = append(list,
			b.row("metric loss + gradient", size, 2*productFLOPs(rows, k, d), rowBytes(2*rows+k, d), func() {
				loss.Metric(l, grad, f, c, slot, count, 0.1, 1)
			}),
			b.row("rim loss + gradient", size, 0, rowBytes(2*rows, k), func() { loss.Rim(l, terms, dlogits, logits, 1) }))
	}
	return append(list, b.reconstruction())
}

func (b *gpuBench) reconstruction() GPUKernel {
	rows, k, pixels := b.sized(benchImages, 8), b.sized(32, 4), b.sized(224*224*3, 192)
	decoded, gradient, target, l := b.floats(k, pixels), b.output(k, pixels), b.floats(rows, pixels), b.output(1)
	slot, count := b.slots(rows, k)
	size := fmt.Sprintf("%d rows, K %d, %d values", rows, k, pixels)
	return b.row("reconstruction loss + gradient", size, 0, rowBytes(rows+2*k, pixels), func() {
		loss.Reconstruction(l, gradient, decoded, target, slot, count)
	})
}

// slots spread rows evenly over k clusters.
func (b *gpuBench) slots(rows, k int) (slot, count *kernels.Array) {
	slot, count = b.ints(rows, k), b.ints(k, k)
	n := make([]int32, k)
	for _, s := range kernels.Read[int32](slot) {
		n[s]++
	}
	kernels.Write(count, n)
	return slot, count
}

// batchNorm counts the traffic: forward reads x twice and writes y, backward reads two arrays twice and writes dx.
func (b *gpuBench) batchNorm() []GPUKernel {
	const channels = 64
	images, side := b.sized(benchImages, 2), b.sized(56, 7)
	x, y, dx := b.floats(images, side, side, channels), b.output(images, side, side, channels), b.output(images, side, side, channels)
	gamma, beta, dgamma, dbeta := b.floats(channels), b.floats(channels), b.output(channels), b.output(channels)
	s := norm.Stats{Mean: b.output(channels), InvStd: b.output(channels)}
	size, pass := fmt.Sprintf("%dx%dx%dx%d", images, side, side, channels), float32Bytes*float64(x.Len())
	return []GPUKernel{
		b.row("batch norm + ReLU", size, 0, 3*pass, func() { norm.BatchNorm(y, x, gamma, beta, nil, s, 1e-5, true) }),
		b.row("batch norm + ReLU backward", size, 0, 5*pass, func() {
			norm.BatchNormBackward(dx, dgamma, dbeta, y, x, gamma, beta, nil, s)
		}),
	}
}
