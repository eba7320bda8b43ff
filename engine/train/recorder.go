package train

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/record"
)

// recorder keeps the figures of each step on the device and reads them every few steps, so that the host does not wait for each
// step.
type recorder struct {
	rows    *kernels.Array // float32 [interval, width], a row for each step
	chosen  *kernels.Array // int32 [K], how often each cluster was chosen in the epoch; nil without clusters
	scalars []record.Scalar
	names   []string       // of the scalars
	images  []int          // of the steps recorded and not yet read
	norm    *kernels.Array // of the gradients; nil: not computed
	streak  streak
}

// The number of steps after which the figures are read. With 16 queued steps a GPU is never idle; on the CPU nothing is queued.
const gpuInterval, cpuInterval = 16, 1

// newRecorder allocates a recorder for the figures of s and other steps of the same method. norm is the optimiser's norm of the
// gradients, or nil.
func newRecorder(dev *kernels.Device, s *Step, norm *kernels.Array) *recorder {
	interval := cpuInterval
	if dev.CUDA() {
		interval = gpuInterval
	}
	r := &recorder{names: []string{"loss"}}
	for _, term := range s.out.Terms {
		r.names = append(r.names, term.Name)
	}
	if norm != nil && len(r.names) < record.MaxScalars { // the method's own terms have precedence
		r.norm, r.names = norm, append(r.names, "gradient_norm")
	}
	r.rows = dev.New(kernels.Float32, interval, record.Width(len(r.names)))
	if s.out.Logits != nil {
		r.chosen = dev.New(kernels.Int32, s.out.Logits.Dim(1))
	}
	return r
}

// next is the row of the next step; 0 in a nil recorder.
func (r *recorder) next() int {
	if r == nil {
		return 0
	}
	return len(r.images)
}

// record queues the recording of a step in a row, int32 [1] on the device; a nil recorder records nothing.
func (r *recorder) record(s *Step, row, skip *kernels.Array) {
	if r == nil {
		return
	}
	r.scalars = append(r.scalars[:0], record.Scalar{Array: s.out.Loss.Value()})
	for _, term := range s.out.Terms {
		r.scalars = append(r.scalars, record.Scalar{Array: term.Value.Value(), Index: term.Index})
	}
	if r.norm != nil {
		r.scalars = append(r.scalars, record.Scalar{Array: r.norm})
	}
	var logits, count *kernels.Array
	if s.out.Logits != nil {
		logits, count = s.out.Logits.Value(), s.out.Count.Value()
	}
	record.Step(r.rows, row, r.chosen, skip, r.scalars, s.labels.Len(), s.out.Embedding.Value(), logits, count)
}

// note counts a step of so many images that has been queued with its recording.
func (r *recorder) note(images int) { r.images = append(r.images, images) }

// full says whether the recorder must be read before the next step.
func (r *recorder) full() bool { return len(r.images) == r.rows.Dim(0) }

// read adds the recorded steps to f. It waits for the device.
func (r *recorder) read(f *epochFigures) {
	n := len(r.images)
	if n == 0 {
		return
	}
	width := r.rows.Dim(1)
	rows := kernels.Read[float32](r.rows.Rows(0, n))
	for i, images := range r.images {
		row := rows[i*width : (i+1)*width]
		f.add(r.names, row, images)
		r.streak.add(r.streak.state.Step-n+1+i, row[0] != 0)
	}
	r.images = r.images[:0]
}

// choices is how often each cluster has been chosen in the epoch so far; nil without clusters. It waits for the device.
func (r *recorder) choices() []int32 {
	if r.chosen == nil {
		return nil
	}
	return kernels.Read[int32](r.chosen)
}

// finish adds the steps not yet read, and the choices of clusters of the epoch, to f. It waits for the device.
func (r *recorder) finish(f *epochFigures) {
	r.read(f)
	f.chosen = r.choices()
}

// resume restores the choices of clusters of an unfinished epoch.
func (r *recorder) resume(chosen []int32) {
	if r.chosen != nil {
		kernels.Write(r.chosen, chosen)
	}
}

// reset forgets all steps and choices, for the next epoch or after an interrupted one.
func (r *recorder) reset() {
	r.images = r.images[:0]
	if r.chosen != nil {
		r.chosen.Zero()
	}
}

func (r *recorder) free() {
	r.rows.Free()
	if r.chosen != nil {
		r.chosen.Free()
	}
}
