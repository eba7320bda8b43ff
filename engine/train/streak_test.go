package train

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/rs/zerolog"

	"udml-gpu/engine/data/loader"
	"udml-gpu/engine/images"
	"udml-gpu/engine/report"
	"udml-gpu/engine/run"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
)

// TestStreakSurvivesResume: a streak of skipped steps at a checkpoint continues in the resumed run.
func TestStreakSurvivesResume(t *testing.T) {
	var s run.State
	k := streak{state: &s, most: 3}
	for i, bad := range []bool{true, true, false, true, true} {
		k.add(i+1, bad)
	}
	if k.last != 0 || s.SkippedInRow != 2 {
		t.Fatalf("%+v, %d in a row", k, s.SkippedInRow)
	}
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var after run.State
	if err := json.Unmarshal(b, &after); err != nil {
		t.Fatal(err)
	}
	resumed := streak{state: &after, most: 3}
	resumed.add(6, true)
	resumed.add(7, false) // a good step that is read together with it does not undo the limit
	if resumed.first != 4 || resumed.last != 6 || after.SkippedInRow != 0 {
		t.Errorf("%+v", resumed)
	}
	never := streak{state: &after}
	for i := range 100 {
		never.add(i, true)
	}
	if never.last != 0 {
		t.Error("a limit of 0 ends the run")
	}
}

// atSteps is Progress that calls the function of a step of the epoch after that step.
type atSteps map[int]func()

func (f atSteps) Step(at report.Position, _ map[string]float64) {
	if do := f[at.Step]; do != nil {
		do()
	}
}

func (atSteps) Clear() {}

// TestResumedStreakEndsTheRun: a bad step at the end of an epoch whose checkpoint is finite and two more after resuming end the
// run at a limit of three.
func TestResumedStreakEndsTheRun(t *testing.T) {
	c := tiny(t, func(c *setting.Config) { c.Epochs, c.MaxBadSteps, c.Batch = 1, 3, 8 })
	tr := openTiny(t, c)
	last := tr.loader.Batches()
	good := kernels.Read[float32](tr.Network.Store.Get("embedding.bias").Value)[0]
	tr.show = atSteps{
		last - 1: func() { poison(tr, "embedding.bias", float32(math.NaN())) },
		last:     func() { poison(tr, "embedding.bias", good) },
	}
	if _, err := tr.Train(context.Background()); err != nil {
		t.Fatal(err)
	}
	tr.run.Close()
	c.Epochs = 2
	resumed, err := Resume(context.Background(), c.Out, c, Session{UI: images.UI{Log: zerolog.Nop()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(resumed.Close)
	if resumed.state.SkippedInRow != 1 {
		t.Fatalf("%d skipped in a row, want 1", resumed.state.SkippedInRow)
	}
	poison(resumed, "embedding.bias", float32(math.NaN()))
	_, err = resumed.Train(context.Background())
	if d := wantDivergence(t, err, badStepsReason); d.Step != last || resumed.state.Step != last+2 || d.Since != 1 {
		t.Errorf("%+v, stopped at step %d", d, resumed.state.Step)
	}
	g, _ := readDiagnosis(t, resumed)
	if g.Batch.Epoch != 1 || g.Batch.Batch != last || !slices.Equal(g.Batch.Images, namesOf(resumed, 1, last-1)) {
		t.Errorf("%+v", g.Batch)
	}
	order := loader.Order(0, 2, resumed.train.Len())
	resumed.loader.Follow(&loader.Plan{First: order, Second: order}) // of the epoch that the method has prepared, the second
	if resumed.unchangedSince(last) || !resumed.unchangedSince(last+1) {
		t.Error("the plan of another epoch is taken for that of this one")
	}
}
