package train

import (
	"bytes"
	"context"
	"math"
	"testing"

	"github.com/rs/zerolog"

	"udml-gpu/engine/data"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/run"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// TestGPUBadStepsAreCounted: figures are read every 16 steps, so the run stops at step 16 of an epoch of 20. The streak of bad
// steps is still known exactly, and its first batch is computed again.
func TestGPUBadStepsAreCounted(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, _ *kernels.Device) {
		tr := openTiny(t, tiny(t, func(c *setting.Config) {
			c.Data, c.Device, c.Method, c.Dim, c.Batch, c.MaxBadSteps, c.ClipGrad = data.Demo(2), "cuda", "rim", 8, 2, 3, 1
		}))
		tr.state.Before = &run.Quality{} // training begins at once
		tr.show = &poisoner{tr, 2, "embedding.bias", float32(math.NaN())}
		_, err := tr.Train(context.Background())
		d := wantDivergence(t, err, badStepsReason)
		if tr.loader.Batches() < gpuInterval || d.Step != 3 || tr.recorder.streak.last != 5 || tr.state.Step != gpuInterval {
			t.Errorf("step %d, row to %d, stopped at %d of %d", d.Step, tr.recorder.streak.last, tr.state.Step, tr.loader.Batches())
		}
		g, terms := readDiagnosis(t, tr)
		if g.SkippedInRow != gpuInterval-2 || g.Batch.Batch != 3 || !g.Batch.Exact || terms["loss"] != "NaN" {
			t.Errorf("%+v, %+v, terms %v", g, g.Batch, terms)
		}
	})
}

// TestGPUClippedStepInAGraph: a captured step clips like a queued one, also where the batch goes through the backbone in parts, and
// nothing in it waits for the norm.
func TestGPUClippedStepInAGraph(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, _ *kernels.Device) {
		parity.Graphs(t)
		for _, parts := range []int{1, 2} {
			c := tiny(t, func(c *setting.Config) {
				c.Device, c.Method, c.Dim, c.Batch, c.ClipGrad, c.Optimizer, c.LR = "cuda", "rim", 8, 2, 1e-3, "sgd", 1
				c.Accumulate = parts
			})
			queued, captured := threeSteps(t, c, false), threeSteps(t, c, true)
			if !bytes.Equal(queued, captured) {
				t.Errorf("%d parts: the graph gives other parameters", parts)
			}
		}
	})
}

// threeSteps are the parameters after three steps on the same images; with graph, the last two are launches of a graph.
func threeSteps(t *testing.T, c setting.Config, graph bool) []byte {
	t.Helper()
	dev, err := machine.Open(c, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	defer dev.Close()
	tr, err := BareLearner(c, dev)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Free()
	s := tr.StepFor(c.Batch)
	randomImages(s.Images[0], 1)
	tr.Replay(graph)
	for range warmSteps + 2 {
		tr.Learn(s)
	}
	if yes, why := tr.Replays(s); yes != graph {
		t.Errorf("a graph: %v, %s", yes, why)
	}
	if n := kernels.Read[float32](tr.optim.GradNorm()); !(n[1] > 0 && n[1] < 1) {
		t.Errorf("norm and factor %g: nothing was clipped", n)
	}
	after := parameterBytes(t, tr)
	if err := machine.Fault(dev); err != nil {
		t.Fatal(err)
	}
	return after
}
