package engine

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"

	"github.com/KimMachineGun/automemlimit/memlimit"

	"udml-gpu/kernels"
)

// checkFits refuses, before anything is allocated, a training step that the device cannot hold: c (resolved) on batches
// taken from that many images. The estimate is that of two small recordings, scaled, and errs by some percent.
func checkFits(c Config, images int, dev *kernels.Device) error {
	free, where := availableMemory(), ""
	if dev.CUDA() {
		free, _ = dev.MemoryInfo()
		where = " on " + dev.Name()
	}
	if free == 0 {
		return nil
	}
	batch := min(c.Batch, images)
	need, err := estimateStep(c, batch)
	if err != nil {
		return err
	}
	if need > float64(free) {
		return &DeviceError{fmt.Sprintf("--batch %d at --size %d needs about %.1f GiB for a step, and %.1f GiB are free%s: lower --batch, --size or --clusters",
			batch, c.Size, need/(1<<30), float64(free)/(1<<30), where)}
	}
	return nil
}

// probeSide is the image size of the recordings that an estimate is made of: every network takes it.
const probeSide = 64

// estimateStep is the memory of a step in bytes: the planned buffers, which grow with the pixels of the batch, and the
// images of the step and of the loader's three slots; and the clustering layer.
func estimateStep(c Config, batch int) (float64, error) {
	pixels := float64(2*batch) * float64(c.Size) * float64(c.Size)
	fixed := 4 * 4 * pixels * float64(c.Channels)
	fixed += 16 * float64(c.Clusters) * float64(c.Dim+2*batch) // the clustering layer with gradient and moments, logits
	if pixels < 1<<24 {                                        // too small to fail: not worth a recording
		return fixed, nil
	}
	small := c
	small.Size, small.Resize, small.Clusters = probeSide, probeSide, 1
	var planned [2]float64
	for i := range planned {
		small.Batch = i + 1
		n, err := StepMemory(small)
		if err != nil {
			return 0, err
		}
		planned[i] = float64(n)
	}
	return fixed + (planned[1]-planned[0])/(2*probeSide*probeSide)*pixels, nil
}

// availableMemory is what this process can still take, in bytes: the machine's, or less by the limits of its control group and of the
// process. 0: unknown.
func availableMemory() int64 {
	free := meminfo("/proc/meminfo", "MemAvailable:")
	limit := number("/sys/fs/cgroup/memory.max")
	if used := number("/sys/fs/cgroup/memory.current"); limit > 0 && used > 0 && limit-used < free {
		free = limit - used + meminfo("/sys/fs/cgroup/memory.stat", "inactive_file")
	}
	if group, err := memlimit.FromCgroup(); err == nil {
		free = least(free, int64(min(group, math.MaxInt64))-meminfo("/proc/self/status", "RssAnon:"))
	}
	for _, l := range processLimits() {
		free = least(free, l.limit-l.used)
	}
	return max(free, 0)
}

// least is the smaller of two amounts of memory of which the first is unknown when it is 0. What is known is at least one byte.
func least(known, also int64) int64 {
	if known == 0 || also < known {
		return max(also, 1)
	}
	return known
}

// number is the one in the file, or 0.
func number(path string) int64 {
	b, _ := os.ReadFile(path)
	n, _ := strconv.ParseInt(string(bytes.TrimSpace(b)), 10, 64)
	return n
}

// meminfo is the figure behind name in the file, in bytes, or 0.
func meminfo(path, name string) int64 {
	b, _ := os.ReadFile(path)
	for line := range strings.Lines(string(b)) {
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[0] != name {
			continue
		}
		n, _ := strconv.ParseInt(fields[1], 10, 64)
		if len(fields) == 3 && fields[2] == "kB" {
			n <<= 10
		}
		return n
	}
	return 0
}
