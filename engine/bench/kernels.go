package bench

import (
	"slices"
	"strconv"
	"time"

	"udml-gpu/engine/images"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
	"udml-gpu/kernels/cluster"
	"udml-gpu/kernels/distance"
	"udml-gpu/kernels/gemm"
	"udml-gpu/kernels/loss"
)

// KernelBench is the speed of one kernel at one size.
type KernelBench struct {
	Kernel  string  `json:"kernel"`
	Size    string  `json:"size"`
	Seconds float64 `json:"seconds"` // median
	GFLOPs  float64 `json:"gflop_per_s,omitempty"`
	// OfGEMM is the rate relative to a matrix product of the same shape in the same run.
	OfGEMM float64 `json:"of_gemm,omitempty"`
}

// median is the median of the seconds that f takes over several runs; a first run is not counted.
func median(runs int, f func()) float64 {
	f()
	times := make([]float64, runs)
	for i := range times {
		start := time.Now()
		f()
		times[i] = time.Since(start).Seconds()
	}
	slices.Sort(times)
	return times[runs/2]
}

// bench makes noise arrays on one device and frees them at the end.
type bench struct {
	dev  *kernels.Device
	list []*kernels.Array
}

func (b *bench) floats(shape ...int) *kernels.Array {
	a := b.dev.New(kernels.Float32, shape...)
	noise(a, uint64(len(b.list)))
	b.list = append(b.list, a)
	return a
}

// output is an array for results.
func (b *bench) output(shape ...int) *kernels.Array {
	a := b.dev.New(kernels.Float32, shape...)
	b.list = append(b.list, a)
	return a
}

func (b *bench) ints(n, below int) *kernels.Array {
	d := make([]int32, n)
	for i := range d {
		d[i] = int32(i * 7919 % below)
	}
	a := kernels.Of(b.dev, d, n)
	b.list = append(b.list, a)
	return a
}

func (b *bench) free() {
	for _, a := range b.list {
		a.Free()
	}
	b.list = b.list[:0]
}

// KernelReport is the speed of the kernels of one device; GPU is nil on the CPU, CPU on a GPU.
type KernelReport struct {
	CPU []KernelBench
	GPU *GPUBench
}

// Kernels measures distances, search, assignment and the losses on the device that c (resolved) names, on a GPU also the
// operations of networks. scale, in (0,1], reduces the sizes on a GPU; on the CPU they are fixed, and a scale other than 1
// is a usage error.
func Kernels(c setting.Config, scale float64, ui images.UI) (KernelReport, error) {
	dev, err := machine.Open(c, ui.Log)
	if err != nil {
		return KernelReport{}, err
	}
	defer dev.Close()
	if dev.CUDA() {
		r, err := benchGPU(dev, scale)
		return KernelReport{GPU: r}, err
	}
	if scale != 1 {
		return KernelReport{}, setting.Usage("--kernel-scale %g is for a GPU: the sizes measured on the CPU are fixed", scale)
	}
	b := &bench{dev: dev}
	defer b.free()
	list := append(b.distances(), b.assignment()...)
	return KernelReport{CPU: append(list, b.losses()...)}, nil
}

func (b *bench) distances() []KernelBench {
	const n, d = 4096, 128
	x, y, dst := b.floats(n, d), b.floats(n, d), b.floats(n, n)
	const flops = 2 * n * n * d
	product := median(5, func() { gemm.Gemm(dst, x, y, false, true, 1, 0) })
	list := []KernelBench{{"gemm", "4096x4096x128", product, flops / product / 1e9, 1}}
	for _, m := range []struct {
		name   string
		metric distance.Metric
	}{
		{"pairwise squared L2", distance.SquaredL2},
		{"pairwise cosine", distance.Cosine},
		{"pairwise inner product", distance.InnerProduct},
	} {
		s := median(5, func() { distance.Pairwise(dst, x, y, m.metric) })
		list = append(list, KernelBench{m.name, "4096x4096x128", s, flops / s / 1e9, product / s})
	}
	vals, idx := b.floats(n, 9), b.ints(n*9, n).Reshape(n, 9)
	s := median(5, func() { distance.TopK(vals, idx, x, y, distance.InnerProduct, -1) })
	list = append(list, KernelBench{"top 9", "4096x4096x128", s, flops / s / 1e9, product / s})
	rank, labels := b.ints(n, n), b.ints(n, 100)
	s = median(5, func() { distance.BestPositive(rank, x, x, labels, labels, distance.InnerProduct, 0) })
	return append(list, KernelBench{"best positive", "4096x4096x128", s, flops / s / 1e9, product / s})
}

func (b *bench) assignment() []KernelBench {
	const n, k, d = 100000, 100, 128
	x, c := b.floats(n, d), b.floats(k, d)
	label, count := b.ints(n, k), b.ints(k, k)
	s := median(5, func() { cluster.Assign(label, nil, x, c) })
	t := median(5, func() { cluster.Centroids(c, count, x, label) })
	return []KernelBench{
		{"assign", "100000x128 to 100", s, 2 * n * k * d / s / 1e9, 0}, {"centroids", "100000x128 to 100", t, 0, 0},
	}
}

// losses are measured over K, to show that their cost grows as O(K B).
func (b *bench) losses() []KernelBench {
	var list []KernelBench
	const images, d = 512, 128
	for k := 8; k <= 512; k *= 2 {
		f, c, grad := b.floats(2*images, d), b.floats(k, d), b.floats(2*images, d)
		logits, dlogits := b.floats(2*images, k), b.floats(2*images, k)
		l, terms := b.floats(1), b.floats(2)
		slot, count := b.ints(2*images, k), b.ints(k, 2)
		for i, n := 0, kernels.Data[int32](count); i < k; i++ {
			n[i] = int32(2 * images / k)
		}
		size := "B " + strconv.Itoa(images) + ", K " + strconv.Itoa(k)
		s := median(9, func() { loss.Metric(l, grad, f, c, slot, count, 0.1, 1) })
		r := median(9, func() { loss.Rim(l, terms, dlogits, logits, 1) })
		list = append(list, KernelBench{"metric loss + gradient", size, s, 0, 0}, KernelBench{"rim loss + gradient", size, r, 0, 0})
	}
	return list
}
