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

// BenchmarkOneShard compares the parts for shards, of one shard, with the calls that do all at once.
func BenchmarkOneShard(b *testing.B) {
	n := newBN(bnCase{shape: []int{64, 28, 28, 128}, relu: true}, kernels.Float32)
	h := newSharded(n, []int{64})
	h.forward()
	for _, c := range []struct {
		name string
		run  func()
	}{
		{"forward/whole", n.run},
		{"forward/parts", h.forward},
		{"backward/whole", h.wholeBackward},
		{"backward/parts", h.backward},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.run()
			}
		})
	}
}

func BenchmarkBatchNormEvalBackward(b *testing.B) {
	n := newBN(bnCase{shape: []int{128, 32, 32, 64}, relu: true}, kernels.Float32)
	n.run()
	dx := n.dev.New(n.dt, n.shape...)
	b.SetBytes(int64(3 * n.x.Bytes()))
	for b.Loop() {
		BatchNormEvalBackward(dx, n.x, n.y, n.gamma, n.s.InvStd, eps, true)
	}
}
