package loss

import (
	"fmt"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

// slots of 2B rows, spread over s.
func spread(dev *kernels.Device, rows, s int) (slot, count *kernels.Array) {
	slot, count = dev.New(kernels.Int32, rows), dev.New(kernels.Int32, s)
	for i := range rows {
		j := i % (rows / 2) % s
		kernels.Data[int32](slot)[i] = int32(j)
		kernels.Data[int32](count)[j]++
	}
	return slot, count
}

// Cost must grow as O(K B).
func BenchmarkMetric(b *testing.B) {
	dev, f32 := kernels.CPU(), kernels.Float32
	for _, size := range [][2]int{{64, 32}, {64, 64}, {256, 32}, {256, 256}, {512, 512}} {
		n, k := 2*size[0], size[1]
		f, c := optest.Uniform(dev, f32, 1, -0.1, 0.1, n, 128), optest.Uniform(dev, f32, 2, -0.1, 0.1, k, 128)
		slot, count := spread(dev, n, k)
		loss, df := dev.New(f32, 1), dev.New(f32, n, 128)
		b.Run(fmt.Sprintf("B=%d/K=%d", size[0], k), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Metric(loss, df, f, c, slot, count, 0.1, 1)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n*k), "ns/entry")
		})
	}
}

// Cost grows as O(B^2).
func BenchmarkInstance(b *testing.B) {
	dev, f32 := kernels.CPU(), kernels.Float32
	for _, images := range []int{64, 256, 1024} {
		n := 2 * images
		z, loss, dz := optest.Uniform(dev, f32, 1, -0.1, 0.1, n, 128), dev.New(f32, 1), dev.New(f32, n, 128)
		b.Run(fmt.Sprintf("B=%d", images), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Instance(loss, dz, z, z, 0.1, 1)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n*n), "ns/entry")
		})
	}
}

func BenchmarkRim(b *testing.B) {
	dev, f32 := kernels.CPU(), kernels.Float32
	for _, k := range []int{8, 32, 128, 512} {
		x, dx := optest.Uniform(dev, f32, 1, -3, 3, 128, k), dev.New(f32, 128, k)
		loss, terms := dev.New(f32, 1), dev.New(f32, 2)
		b.Run(fmt.Sprintf("K=%d", k), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Rim(loss, terms, dx, x, 1)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*128*k), "ns/entry")
		})
	}
}

func BenchmarkReconstruction(b *testing.B) {
	dev, f32 := kernels.CPU(), kernels.Float32
	d, target := optest.Uniform(dev, f32, 1, 0, 1, 32, 80, 80, 3), optest.Uniform(dev, f32, 2, 0, 1, 128, 80, 80, 3)
	slot, count := spread(dev, 128, 32)
	loss, dd := dev.New(f32, 1), dev.New(f32, d.Shape()...)
	b.SetBytes(int64(target.Bytes() + 2*d.Bytes()))
	b.ReportAllocs()
	for b.Loop() {
		Reconstruction(loss, dd, d, target, slot, count)
	}
}
