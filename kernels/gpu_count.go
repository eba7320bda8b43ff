package kernels

import "maps"

// Count calls f, which queues ops, and says what they ask of a GPU, by name and how often: kernels by their own names, one call of a
// library (cuDNN, cuBLASLt, NCCL) as one although it may launch several, copies and fills of memory on the device as "copy" and "fill".
// Uploads, and what asks a library for its plans, do not count. It waits for the driver, not for the device; on the CPU it panics.
func (d *Device) Count(f func()) map[string]int {
	d.wantGPU("Count")
	d.gpu.now(func(t *thread) error {
		t.counts = map[string]int{}
		return nil
	})
	f()
	var counts map[string]int
	done := make(chan struct{})
	d.gpu.queue <- command{always: true, done: done, run: func(t *thread) error {
		counts, t.counts = t.counts, nil
		return nil
	}}
	<-done
	return counts
}

// CountAll is the sum of Count.
func CountAll(counts map[string]int) (n int) {
	for c := range maps.Values(counts) {
		n += c
	}
	return n
}

// count notes a command while Count goes on.
func (t *thread) count(c *command) {
	if t.shapes != nil && c.kernel != nil {
		t.shapes[shape{c.kernel, c.block[0] * c.block[1] * c.block[2], c.shared}]++
	}
	switch {
	case t.counts == nil:
	case c.kernel != nil:
		t.counts[c.kernel.name]++
	case c.call != "":
		t.counts[c.call]++
	}
}
