package engine

import (
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/rs/zerolog"

	"udml-gpu/engine/data"
	"udml-gpu/kernels"
	"udml-gpu/kernels/rng"
)

func itoa(n int) string { return strconv.Itoa(n) }

// StepBench is the speed of a training step.
type StepBench struct {
	SecondsPerStep  float64 `json:"seconds_per_step"` // median
	ImagesPerSecond float64 `json:"images_per_second"`
	PeakRSSBytes    int64   `json:"peak_rss_bytes"`
	AllocatedBytes  int64   `json:"allocated_bytes_per_step"` // by Go, median
	ArenaBytes      int     `json:"arena_bytes"`
	Steps           int     `json:"steps"`
	BLAS            string  `json:"blas"`
	*GraphBench             // on a GPU
}

// bare is a trainer without data, for measuring a step. unequip closes it, and the device.
func bare(c Config, dev *kernels.Device) (*Trainer, error) {
	t := &Trainer{log: zerolog.Nop(), show: silent{}, steps: map[int]*step{}}
	return t, t.equip(c, c.Batch, NewNetwork, dev)
}

// StepMemory is the planned memory of a training step of c, in bytes.
func StepMemory(c Config) (int, error) {
	t, err := bare(c, kernels.CPU()) // the plan is the same on every device
	if err != nil {
		return 0, err
	}
	defer t.unequip()
	return t.network.Arena.Bytes(), nil
}

// BenchStep times training steps of c on random images, both views of c.Batch images each. On a GPU the images are there
// already and the host waits for all steps together; the same steps are timed as a CUDA graph too.
func BenchStep(c Config, steps int, s Session) (StepBench, error) {
	dev, err := openDevice(c, s.Log)
	if err != nil {
		return StepBench{}, err
	}
	defer dev.Close()
	if err := checkFits(c, c.Batch, dev); err != nil {
		return StepBench{}, err
	}
	c.tellRandom(s.Log)
	return benchStepOn(dev, c, steps)
}

func benchStepOn(dev *kernels.Device, c Config, steps int) (StepBench, error) {
	t, err := bare(c, dev)
	if err != nil {
		return StepBench{}, err
	}
	defer t.unequip()
	s := t.stepFor(c.Batch)
	noise(s.images, c.Seed)
	b := &data.Batch{Images: s.images, Samples: make([]int32, c.Batch), Second: make([]int32, c.Batch), Labels: make([]int32, c.Batch)}
	for range 2 {
		t.learn(s)
	}
	if dev.CUDA() {
		return t.benchQueued(s, steps)
	}
	times, bytes := make([]float64, steps), make([]int64, steps)
	for i := range times {
		start := time.Now()
		bytes[i] = allocated(func() {
			s.fill(b)
			t.learn(s)
		})
		times[i] = time.Since(start).Seconds()
	}
	median := medianOf(times)
	return StepBench{
		SecondsPerStep: median, ImagesPerSecond: float64(2*c.Batch) / median, PeakRSSBytes: peakRSS(),
		AllocatedBytes: medianOf(bytes), ArenaBytes: t.network.Arena.Bytes(),
		Steps: steps, BLAS: currentEnvironment(t.network.Device).BLAS,
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

func medianOf[T int64 | float64](x []T) T {
	slices.Sort(x)
	return x[len(x)/2]
}

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

// peakRSS is the largest resident set of this process so far, in bytes.
func peakRSS() int64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return u.Maxrss << 10 // Linux counts KiB
}
