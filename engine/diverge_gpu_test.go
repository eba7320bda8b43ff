package engine

import (
	"context"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// TestGPUBadStepsAreCounted: figures are read every 16 steps, so that the run stops at step 16 of an epoch of 30; but the row
// of bad steps is known to the step, and its first batch is computed again.
func TestGPUBadStepsAreCounted(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, _ *kernels.Device) {
		tr := openTiny(t, tiny(t, func(c *Config) {
			c.Device, c.Method, c.Dim, c.Batch, c.MaxBadSteps, c.ClipGrad = "cuda", "rim", 8, 2, 3, 1
		}))
		tr.state.Before = &Quality{} // training begins at once
		tr.show = &poisoner{tr, 2, "embedding.bias", float32(math.NaN())}
		_, err := tr.Train(context.Background())
		d := wantDivergence(t, err, badStepsReason)
		if tr.loader.Batches() < gpuInterval || d.Step != 3 || tr.recorder.streak.last != 5 || tr.state.Step != gpuInterval {
			t.Errorf("step %d, row to %d, stopped at %d of %d", d.Step, tr.recorder.streak.last, tr.state.Step, tr.loader.Batches())
		}
		g, terms := readDiagnosis(t, tr)
		if g.SkippedInRow != gpuInterval-2 || g.Batch.Batch != 3 || !g.Batch.SameParameters || terms["loss"] != "NaN" {
			t.Errorf("%+v, %+v, terms %v", g, g.Batch, terms)
		}
	})
}
