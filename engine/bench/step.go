// Package bench measures the speed of kernels, training steps, loading and embedding on this machine.
package bench

import (
	"runtime"
	"slices"
	"syscall"
	"time"

	"udml-gpu/engine/data/loader"
	"udml-gpu/engine/images"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/setting"
	"udml-gpu/engine/train"
	"udml-gpu/kernels"
	"udml-gpu/kernels/rng"
)

// StepBench is the speed of a training step.
type StepBench struct {
	SecondsPerStep   float64 `json:"seconds_per_step"`           // median
	ProcessorSeconds float64 `json:"processor_seconds_per_step"` // of all processors, median; 0 on a GPU
	ImagesPerSecond  float64 `json:"images_per_second"`
	PeakRSSBytes     int64   `json:"peak_rss_bytes"`
	AllocatedBytes   int64   `json:"allocated_bytes_per_step"` // by Go, median
	ArenaBytes       int     `json:"arena_bytes"`
	Steps            int     `json:"steps"`
	BLAS             string  `json:"blas"`
	*GraphBench              // nil on the CPU
}

// TrainingStep times training steps of c (resolved) on random images, all views of c.Batch images each. On a GPU the images
// are uploaded before and the host waits once for all steps; the same step is also timed as a CUDA graph.
func TrainingStep(c setting.Config, steps int, ui images.UI) (StepBench, error) {
	dev, err := machine.Open(c, ui.Log)
	if err != nil {
		return StepBench{}, err
	}
	defer dev.Close()
	if err := train.CheckFits(c, c.Batch, train.GroupOf(c), dev); err != nil {
		return StepBench{}, err
	}
	c.TellRandom(ui.Log)
	return benchStepOn(dev, c, steps)
}

func benchStepOn(dev *kernels.Device, c setting.Config, steps int) (StepBench, error) {
	l, err := train.BareLearner(c, dev)
	if err != nil {
		return StepBench{}, err
	}
	defer l.Free()
	s := l.StepFor(c.Batch)
	for i, a := range s.Images {
		noise(a, c.Seed+uint64(i))
	}
	b := &loader.Batch{Images: s.Images, Samples: make([]int32, c.Batch), Second: make([]int32, c.Batch), Labels: make([]int32, c.Batch)}
	for range 2 {
		l.Learn(s)
	}
	if dev.CUDA() {
		return benchQueued(l, s, steps)
	}
	times, processors, bytes := make([]float64, steps), make([]float64, steps), make([]int64, steps)
	for i := range times {
		start, before := time.Now(), processorSeconds()
		bytes[i] = allocated(func() {
			s.Fill(b)
			l.Learn(s)
		})
		times[i], processors[i] = time.Since(start).Seconds(), processorSeconds()-before
	}
	median := medianOf(times)
	return StepBench{
		SecondsPerStep: median, ProcessorSeconds: medianOf(processors), ImagesPerSecond: float64(len(l.Views())*c.Batch) / median,
		PeakRSSBytes: machine.PeakMemory(), AllocatedBytes: medianOf(bytes), ArenaBytes: l.Network.Arena.Bytes(),
		Steps: steps, BLAS: machine.CurrentEnvironment(l.Network.Device).BLAS,
	}, nil
}

// allocated is the number of bytes that f allocates on Go's heap.
func allocated(f func()) int64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return int64(after.TotalAlloc - before.TotalAlloc)
}

// medianOf sorts x and is its median, of an even number the upper one.
func medianOf[T int64 | float64](x []T) T {
	slices.Sort(x)
	return x[len(x)/2]
}

// noise fills a with uniform random numbers.
func noise(a *kernels.Array, seed uint64) {
	key := rng.Key{Seed: seed, Op: rng.OpBench}
	d := make([]float32, a.Len())
	for i := 0; i < len(d); i += 4 {
		for j, w := range key.At(uint32(i / 4)) {
			if i+j < len(d) {
				d[i+j] = rng.Uniform(w)
			}
		}
	}
	kernels.Write(a, d)
}

// processorSeconds is the time that this process has computed so far, on all processors.
func processorSeconds() float64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
