package norm

import (
	"testing"

	"udml-gpu/kernels"
)

// conv4's first block at 32 px, batch 64, both views.
func BenchmarkBatchNorm(b *testing.B) {
	n := newBN(bnCase{shape: []int{128, 32, 32, 64}, relu: true}, kernels.Float32)
	b.SetBytes(int64(3 * n.x.Bytes()))
	b.ReportAllocs()
	for b.Loop() {
		n.run()
	}
}

func BenchmarkBatchNormStatistics(b *testing.B) {
	n := newBN(bnCase{shape: []int{128, 32, 32, 64}}, kernels.Float32)
	x, mean, inv := kernels.Data[float32](n.x), kernels.Data[float32](n.s.Mean), kernels.Data[float32](n.s.InvStd)
	b.SetBytes(int64(n.x.Bytes()))
	for b.Loop() {
		statistics(chunksOf[float32](n.x, nil), x, mean, inv, eps)
	}
}

func BenchmarkBatchNormBackward(b *testing.B) {
	n := newBN(bnCase{shape: []int{128, 32, 32, 64}}, kernels.Float32)
	n.run()
	dx, dg, db := n.dev.New(n.dt, n.shape...), n.dev.New(n.dt, 64), n.dev.New(n.dt, 64)
	b.SetBytes(int64(5 * n.x.Bytes()))
	b.ReportAllocs()
	for b.Loop() {
		BatchNormBackward(dx, dg, db, n.y, n.x, n.gamma, nil, nil, n.s)
	}
}

func BenchmarkBatchNormEval(b *testing.B) {
	n := newBN(bnCase{shape: []int{128, 32, 32, 64}, relu: true}, kernels.Float32)
	n.run()
	b.SetBytes(int64(2 * n.x.Bytes()))
	for b.Loop() {
		BatchNormEval(n.y, n.x, n.gamma, n.beta, n.s.Mean, n.s.InvStd, eps, true)
	}
}
