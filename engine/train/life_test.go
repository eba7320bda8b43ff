package train

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"udml-gpu/engine/images"
	"udml-gpu/engine/method"
	"udml-gpu/engine/network"
	"udml-gpu/engine/run"
	"udml-gpu/engine/setting"
	"udml-gpu/engine/setting/table"
	"udml-gpu/kernels"
	"udml-gpu/models/head"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// probe is a method that uses all optional parts of a method: three views of two sizes, a bank of embeddings that steps fill, and
// a plan that shows some images twice, in the order of that bank. It has no clusters.
type probe struct {
	images int
	bank   *tape.Param
	begun  []int // epochs
	bonus  float64
}

const probeBonus = 5 // rows of an epoch besides one for each image

func (p *probe) Settings() []table.Row { return nil }

func (p *probe) Views() []method.View {
	return []method.View{{}, {Strong: true}, {Size: 12, Strong: true}}
}

func (p *probe) Loss(s *layer.Scope, in method.Inputs) method.Outputs {
	if p.bank == nil {
		p.bank = &tape.Param{Name: "bank", Value: s.Tape.Device().New(kernels.Float32, p.images, 32)}
	}
	embed := func(x *tape.Var) *tape.Var {
		return head.Embedding(s, in.Features(s, x).Pooled, 32)
	}
	f := embed(in.Images)
	near, _ := layer.Rim(s, f, 1)
	small, _ := layer.Rim(s, embed(in.Others[0]), 1)
	return method.Outputs{
		Embedding: f, Loss: layer.WeightedSum(s, []*tape.Var{near, small}, []float64{1, 0.5}),
		Terms: []method.Term{{Name: "small", Value: small}},
	}
}

func (p *probe) BeginEpoch(_ context.Context, e method.Epoch) error {
	p.begun = append(p.begun, e.Number)
	return nil
}

func (p *probe) Rows(images, _ int) int { return images + probeBonus }

func (p *probe) Plan(ctx context.Context, e method.Epoch) (*method.Plan, error) {
	pooled, embedding, err := e.Embed(ctx)
	if err != nil {
		return nil, err
	}
	pooled.Free()
	embedding.Free()
	bank := kernels.Data[float32](p.bank.Value)
	order := slices.Clone(e.Order)
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(bank[32*a], bank[32*b]) })
	first := append(order, order[:probeBonus]...)
	second := slices.Clone(first)
	second[0] = first[1]
	return &method.Plan{First: first, Second: second}, e.Fault()
}

func (p *probe) AfterStep(s method.Step) {
	if kernels.Data[int32](s.Skip)[0] != 0 {
		return
	}
	f, samples, bank := kernels.Data[float32](s.Embedding.Value()), kernels.Data[int32](s.Samples), kernels.Data[float32](p.bank.Value)
	for row, image := range samples[:s.Embedding.Dim(0)] {
		copy(bank[32*image:32*(image+1)], f[32*row:32*(row+1)])
	}
}

func (p *probe) State() []*tape.Param { return []*tape.Param{p.bank} }

func (p *probe) EpochState() map[string]any { return map[string]any{"bonus": p.bonus} }

func (p *probe) SetEpochState(_, _ int, state map[string]json.RawMessage) error {
	return json.Unmarshal(state["bonus"], &p.bonus)
}

// probed is a session whose method is a probe, together with the probe.
func probed(progress Progress) (Session, *probe) {
	p := &probe{images: 60, bonus: 0.25}
	return Session{UI: images.UI{Log: zerolog.Nop()}, Progress: progress, method: p}, p
}

// TestMethodLife: a run with a method that uses everything, stopped in the middle of its second epoch and resumed, leaves the
// same bytes as one that was not stopped, also in the method's own file, and also where each batch goes through the backbone in parts.
// Neither log nor files mention clusters.
func TestMethodLife(t *testing.T) {
	for _, parts := range []int{1, 3} {
		t.Run(fmt.Sprint(parts), func(t *testing.T) { methodLife(t, parts) })
	}
}

func methodLife(t *testing.T, parts int) {
	settings := func(c *setting.Config) { c.Epochs, c.Optimizer, c.FinalWhiten, c.Accumulate = 2, "adamw", false, parts }
	whole := tiny(t, settings)
	s, p := probed(nil)
	log := &bytes.Buffer{}
	s.Log = zerolog.New(log)
	trainWith(t, whole, s, nil)
	if !slices.Equal(p.begun, []int{1, 2}) {
		t.Errorf("epochs begun: %v", p.begun)
	}
	p.bank.Value.Free()
	for _, file := range []string{run.MetricsFile, "report.html"} {
		b, err := os.ReadFile(filepath.Join(whole.Out, file))
		if err != nil || bytes.Contains(b, []byte("cluster")) && file == run.MetricsFile ||
			bytes.Contains(b, []byte("live clusters")) || bytes.Contains(b, []byte("entropy")) {
			t.Errorf("%s mentions clusters: %v", file, err)
		}
	}
	if strings.Contains(log.String(), "live clusters") || !strings.Contains(log.String(), "agreement of the two views") {
		t.Error(log.String())
	}
	half := tiny(t, settings)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s, p = probed(atStep{2, 3, cancel})
	trainWith(t, half, s, ctx)
	p.bank.Value.Free()
	s, p = probed(nil)
	p.bonus = 0
	tr, err := Resume(context.Background(), half.Out, half, s)
	if err != nil {
		t.Fatal(err)
	}
	finishProbed(t, tr, nil)
	if p.bonus != 0.25 || p.begun != nil {
		t.Errorf("state of the epoch %g, begun %v", p.bonus, p.begun)
	}
	p.bank.Value.Free()
	for _, file := range []string{network.ModelFile, run.OptimizerFile, run.MethodFile} {
		want, err := os.ReadFile(filepath.Join(whole.Out, "checkpoints", "last", file))
		got, errGot := os.ReadFile(filepath.Join(half.Out, "checkpoints", "last", file))
		if err != nil || errGot != nil || !bytes.Equal(want, got) {
			t.Errorf("%s differs: %v, %v", file, err, errGot)
		}
	}
}

// trainWith trains c to the end, or until ctx, which may be nil, ends it.
func trainWith(t *testing.T, c setting.Config, s Session, ctx context.Context) {
	t.Helper()
	tr, err := New(cmp.Or(ctx, context.Background()), c, s)
	if err != nil {
		t.Fatal(err)
	}
	if n := tr.loader.Batches(); n != (60+probeBonus+15)/16 {
		t.Fatalf("%d batches", n)
	}
	finishProbed(t, tr, ctx)
}

// finishProbed trains to the end, or until ctx, which may be nil, ends it.
func finishProbed(t *testing.T, tr *Trainer, ctx context.Context) {
	t.Helper()
	defer tr.Close()
	onTrainImages(tr)
	_, err := tr.Train(cmp.Or(ctx, context.Background()))
	if ctx == nil && err != nil || ctx != nil && !errors.Is(err, ErrStopped) {
		t.Fatal(fmt.Errorf("training ended with %w", err))
	}
}
