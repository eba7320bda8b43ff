package train

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"udml-gpu/engine/checkpoint"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/network"
	"udml-gpu/engine/run"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
)

// TestBadStepsEndTheRun: NaN after the second step of the second epoch ends the run after exactly three more steps. The
// checkpoint of the first epoch is intact, and the diagnosis names the batch.
func TestBadStepsEndTheRun(t *testing.T) {
	c := tiny(t, func(c *setting.Config) { c.Epochs, c.MaxBadSteps, c.Batch = 9, 3, 8 })
	tr := openTiny(t, c)
	steps := tr.loader.Batches()
	tr.show = &poisoner{tr, steps + 2, "embedding.weight", float32(math.NaN())}
	_, err := tr.Train(context.Background())
	d := wantDivergence(t, err, badStepsReason)
	if d.Step != steps+3 || tr.state.Step != steps+5 || tr.state.SkippedInRow != 3 || tr.state.Epoch != 1 {
		t.Errorf("began at step %d, stopped at %d with %d in a row, epoch %d", d.Step, tr.state.Step, tr.state.SkippedInRow, tr.state.Epoch)
	}
	last := filepath.Join(c.Out, "checkpoints", "000001")
	if err := checkpoint.Verify(last); err != nil {
		t.Error(err)
	}
	for _, part := range []string{"3 steps in a row", last + " is intact", run.DiagnosisFile, "--lr"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in %q", part, err)
		}
	}
	g, terms := readDiagnosis(t, tr)
	b := g.Batch
	if g.Step != steps+5 || g.Epoch != 2 || g.Since != 2 || g.LastGood != last {
		t.Errorf("%+v", g)
	}
	if b.Step != steps+3 || b.Batch != 3 || !b.Exact || !b.NotFinite {
		t.Errorf("%+v, batch %+v", g, b)
	}
	if terms["loss"] != "NaN" || !slices.Equal(b.Images, namesOf(tr, 2, 2)) {
		t.Errorf("terms %v, images %v, want those of %v", terms, b.Images, namesOf(tr, 2, 2))
	}
	for _, l := range g.Layers {
		if want := l.Name == "embedding.weight"; (l.Parameter.NotFinite == 1) != want {
			t.Errorf("%s: %+v", l.Name, l.Parameter)
		}
	}
}

// TestDiagnosisRepeatsTheStep: computing a skipped step again gives the numbers of the step. Here loss and gradients are
// finite: the faulty parameter, a bias of -Inf in front of a ReLU, shows in neither.
func TestDiagnosisRepeatsTheStep(t *testing.T) {
	tr := openTiny(t, tiny(t, func(c *setting.Config) { c.Epochs, c.MaxBadSteps = 1, 1 }))
	tr.show = &poisoner{tr, 1, "features.1.bias", float32(math.Inf(-1))}
	_, err := tr.Train(context.Background())
	_ = wantDivergence(t, err, badStepsReason)
	g, terms := readDiagnosis(t, tr)
	loss, ok := terms["loss"].(float64)
	if !ok || !g.Batch.NotFinite || g.Batch.Step != 2 {
		t.Fatalf("terms %v, %+v", terms, g.Batch)
	}
	if row := kernels.Read[float32](tr.recorder.rows); float64(row[1]) != loss || row[0] != 1 {
		t.Errorf("the step had loss %g, the diagnosis %g", row[1], loss)
	}
	for _, l := range g.Layers {
		if l.Gradient != nil && l.Gradient.NotFinite != 0 {
			t.Errorf("%s has gradients that are not finite", l.Name)
		}
	}
}

// TestLostEpoch: an epoch without a good step ends a run even where --max-bad-steps sets no limit.
func TestLostEpoch(t *testing.T) {
	tr := openTiny(t, tiny(t, func(c *setting.Config) { c.Epochs, c.MaxBadSteps = 9, 0 }))
	steps := tr.loader.Batches()
	tr.show = &poisoner{tr, steps, "embedding.bias", float32(math.Inf(1))}
	// The value is set after the last step of the epoch, so the check before the checkpoint is the first to see it.
	_, err := tr.Train(context.Background())
	if d := wantDivergence(t, err, networkReason); d.Step != steps || tr.saving.any {
		t.Errorf("%+v, saved %v", d, tr.saving.any)
	}
	if _, _, err := checkpoint.Latest(tr.run.Name); !errors.Is(err, checkpoint.ErrNone) {
		t.Errorf("a network that is not finite was saved: %v", err)
	}
	g, _ := readDiagnosis(t, tr)
	if g.LastGood != "" || g.Batch.Exact || g.Batch.ParametersOf != steps {
		t.Errorf("%+v, %+v", g, g.Batch)
	}

	tr = openTiny(t, tiny(t, func(c *setting.Config) { c.MaxBadSteps = 0 }))
	poison(tr, "embedding.bias", float32(math.NaN()))
	tr.state.Before = &run.Quality{} // training begins at once
	_, err = tr.Train(context.Background())
	if d := wantDivergence(t, err, badEpochReason); d.Step != 1 || tr.state.SkippedInRow != steps {
		t.Errorf("%+v, %d in a row", d, tr.state.SkippedInRow)
	}
}

// TestOldDiagnosisGoes: a new attempt removes the diagnosis of an earlier one.
func TestOldDiagnosisGoes(t *testing.T) {
	tr := openTiny(t, tiny(t, func(c *setting.Config) { c.Epochs = 0 }))
	if err := os.WriteFile(tr.run.Path(run.DiagnosisFile), []byte("{}"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := tr.Train(context.Background()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(tr.run.Path(run.DiagnosisFile)); !errors.Is(err, os.ErrNotExist) {
		t.Error("the diagnosis of an earlier attempt is still there")
	}
}

// TestDiagnosisCannotBeWritten: the run ends as usual, and its message does not name the missing file.
func TestDiagnosisCannotBeWritten(t *testing.T) {
	tr := openTiny(t, tiny(t, nil))
	if err := os.Mkdir(tr.run.Path(run.DiagnosisFile), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(tr.run.Path(run.DiagnosisFile), "x"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	tr.show = &poisoner{tr, tr.loader.Batches(), "embedding.bias", float32(math.NaN())}
	_, err := tr.Train(context.Background())
	_ = wantDivergence(t, err, networkReason)
	if strings.Contains(err.Error(), run.DiagnosisFile) {
		t.Error(err)
	}
}

// TestBadWeightsAreBadData: a network that is not finite before any training is bad data, not a divergence.
func TestBadWeightsAreBadData(t *testing.T) {
	tr := openTiny(t, tiny(t, nil))
	poison(tr, "features.0.weight", float32(math.NaN()))
	_, err := tr.Train(context.Background())
	var bad *baddata.Error
	if !errors.As(err, &bad) || errors.Is(err, network.ErrDiverged) {
		t.Errorf("error %v, want one of bad data", err)
	}
}

// TestClippedRun: the norm before clipping is among an epoch's figures, and a limit above all norms changes nothing.
func TestClippedRun(t *testing.T) {
	_, plain, err := trainTiny(t, tiny(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, most := range []float64{1e9, 1e-3} {
		c := tiny(t, func(c *setting.Config) { c.ClipGrad, c.Optimizer, c.LR = most, "adamw", 1e-3 })
		_, model, err := trainTiny(t, c)
		if err != nil {
			t.Fatal(err)
		}
		if same := bytes.Equal(model, plain); same != (most == 1e9) {
			t.Errorf("clipped to %g: same model %v", most, same)
		}
		metrics, err := os.ReadFile(filepath.Join(c.Out, run.MetricsFile))
		if err != nil || !bytes.Contains(metrics, []byte(`"gradient_norm":`)) {
			t.Errorf("%v: no norm in %s", err, metrics)
		}
	}
}
