package train

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/rs/zerolog"

	"udml-gpu/engine/images"
	"udml-gpu/engine/network"
	"udml-gpu/engine/report"
	"udml-gpu/engine/run"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
)

// poisoner is Progress that sets an element of a parameter after a step.
type poisoner struct {
	tr    *Trainer
	step  int // of the run, from 1
	name  string
	value float32
}

func (p *poisoner) Step(report.Position, map[string]float64) {
	if p.tr.state.Step == p.step {
		poison(p.tr, p.name, p.value)
	}
}

func (*poisoner) Clear() {}

// poison sets the first element of a parameter.
func poison(tr *Trainer, name string, v float32) {
	a := tr.Network.Store.Get(name).Value
	d := kernels.Read[float32](a)
	d[0] = v
	kernels.Write(a, d)
}

// openTiny is a trainer with only the training images.
func openTiny(t *testing.T, c setting.Config) *Trainer {
	t.Helper()
	tr, err := New(context.Background(), c, Session{UI: images.UI{Log: zerolog.Nop()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tr.Close)
	onTrainImages(tr)
	return tr
}

// wantDivergence is err, which must be a Divergence for that reason.
func wantDivergence(t *testing.T, err error, reason string) *Divergence {
	t.Helper()
	var d *Divergence
	if !errors.As(err, &d) || !errors.Is(err, network.ErrDiverged) || d.Reason != reason {
		t.Fatalf("error %v, want a Divergence of %q", err, reason)
	}
	return d
}

// readDiagnosis reads diagnosis.json. terms are those of the batch: numbers, or texts such as "NaN".
func readDiagnosis(t *testing.T, tr *Trainer) (g Diagnosis, terms map[string]any) {
	t.Helper()
	b, err := os.ReadFile(tr.run.Path(run.DiagnosisFile))
	if err != nil {
		t.Fatal(err)
	}
	var loose struct {
		Batch struct{ Terms map[string]any }
	}
	if err := json.Unmarshal(b, &loose); err != nil {
		t.Fatal(err)
	}
	b = bytes.ReplaceAll(b, []byte(`"NaN"`), []byte("0")) // terms keeps the texts
	if err := json.Unmarshal(b, &g); err != nil {
		t.Fatal(err)
	}
	return g, loose.Batch.Terms
}

// namesOf are the names of the images of a batch, counted from 0.
func namesOf(tr *Trainer, epoch, batch int) []string {
	var names []string
	for b := range tr.loader.Epoch(epoch, batch) {
		for _, i := range b.Samples {
			names = append(names, tr.train.Name(int(i)))
		}
		break
	}
	return names
}
