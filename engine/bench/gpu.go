package bench

import (
	"math"
	"slices"
	"time"

	"udml-gpu/engine/machine"
	"udml-gpu/kernels"
	"udml-gpu/kernels/conv"
	"udml-gpu/kernels/depthwise"
	"udml-gpu/kernels/gemm"
)

// GPUBench is the speed of the kernels on one GPU.
type GPUBench struct {
	Device      string      `json:"device"`
	Capability  string      `json:"compute_capability"`
	Driver      string      `json:"driver"`
	Precision   string      `json:"precision"`
	Convolution string      `json:"convolution_by"`
	Depthwise   string      `json:"depthwise_by"`
	Products    string      `json:"products_by"`
	Scale       float64     `json:"scale"` // factor of the sizes
	Card        Card        `json:"card"`
	PeakFLOPs   float64     `json:"peak_tflop_per_s_estimated"`  // at that precision
	PeakBytes   float64     `json:"peak_gbytes_per_s_estimated"` // of the device's memory
	Ceiling     Ceiling     `json:"ceiling"`
	Kernels     []GPUKernel `json:"kernels"`
}

// GPUKernel is the speed of one kernel at one size.
type GPUKernel struct {
	Kernel  string  `json:"kernel"`
	Size    string  `json:"size"`
	Seconds float64 `json:"seconds"` // median
	TFLOPs  float64 `json:"tflop_per_s,omitempty"`
	GBytes  float64 `json:"gbytes_per_s"` // of the least traffic that the work needs
	OfRoof  float64 `json:"of_roof,omitempty"`
	BoundBy string  `json:"bound_by,omitempty"` // arithmetic or memory
	// OfCeiling is the shortest time that the work could take at the rates of Ceiling, divided by Seconds.
	OfCeiling float64 `json:"of_ceiling,omitempty"`
	// Launches are the kernels that one call launches, where Probe has asked for them.
	Launches []kernels.Occupancy `json:"launches,omitempty"`
}

// gpuBench measures on a GPU.
type gpuBench struct {
	bench
	scale float64
	roof  roof
	probe bool // rows say which kernels they launch
}

// A time is the median of gpuBlocks blocks of queued repetitions. At scale 1 a block takes about gpuBlockSeconds, a
// hundred times the cost of queueing it and waiting at its end.
const gpuBlocks, gpuBlockSeconds = 5, 0.1

// mostRepetitions is the largest number of repetitions in a block, for very short kernels.
const mostRepetitions = 1000

// benchGPU measures everything that training, evaluation and clustering spend their time in.
func benchGPU(dev *kernels.Device, scale float64) (*GPUBench, error) {
	b := newGPUBench(dev, scale)
	return b.measure(b.copies, b.assign, b.search, b.lloyd, b.pairwise, b.products, b.convolutions, b.depthwises, b.losses, b.batchNorm)
}

func newGPUBench(dev *kernels.Device, scale float64) *gpuBench {
	return &gpuBench{bench: bench{dev: dev}, scale: scale, roof: roofOf(dev.Info(), dev.Precision())}
}

// measure is the rows of the parts.
func (b *gpuBench) measure(parts ...func() []GPUKernel) (*GPUBench, error) {
	dev := b.dev
	r := &GPUBench{
		Device: dev.Info().Name, Capability: dev.Info().Capability(), Precision: dev.Precision().String(), Scale: b.scale,
		Card: cardOf(dev.Info()), PeakFLOPs: b.roof.flops / 1e12, PeakBytes: b.roof.bytes / 1e9,
	}
	r.Driver, _ = kernels.Driver()
	r.Convolution, _ = conv.BackendOf(dev)
	r.Depthwise, _ = depthwise.BackendOf(dev)
	r.Products, _ = gemm.BackendOf(dev)
	for _, part := range parts {
		r.Kernels = append(r.Kernels, part()...)
		b.free()
		if err := machine.Fault(dev); err != nil {
			return nil, err
		}
	}
	r.hold()
	return r, nil
}

// sized is n times the bench's scale, at least the smaller of n and least.
func (b *gpuBench) sized(n, least int) int {
	return max(min(n, least), int(math.Round(float64(n)*b.scale)))
}

// row times f, which does flops operations and moves at least that many bytes of device memory.
func (b *gpuBench) row(kernel, size string, flops, bytes float64, f func()) GPUKernel {
	var launches []kernels.Occupancy
	if b.probe {
		launches = b.dev.Occupancies(f)
	}
	f()
	once := slices.Min(queuedSeconds(b.dev, 2, 1, f))
	repeat := int(min(gpuBlockSeconds*b.scale/max(once, 1e-9), mostRepetitions))
	blocks := gpuBlocks
	if b.scale < 1 { // only checks that every kernel runs
		blocks = 1
	}
	s := medianOf(queuedSeconds(b.dev, blocks, max(1, repeat), f))
	return GPUKernel{
		Kernel: kernel, Size: size, Seconds: s, TFLOPs: flops / s / 1e12, GBytes: bytes / s / 1e9,
		OfRoof: b.roof.share(flops, bytes, s), BoundBy: b.roof.boundBy(flops, bytes), Launches: launches,
	}
}

// queuedSeconds is the time of one call of f in each block; a block queues repeat calls and waits once for all of them.
func queuedSeconds(dev *kernels.Device, blocks, repeat int, f func()) []float64 {
	dev.Sync()
	times := make([]float64, blocks)
	for i := range times {
		start := time.Now()
		for range repeat {
			f()
		}
		dev.Sync()
		times[i] = time.Since(start).Seconds() / float64(repeat)
	}
	return times
}
