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

	"github.com/rs/zerolog"

	"udml-gpu/engine/criteria"
	"udml-gpu/engine/data"
	"udml-gpu/engine/network"
	"udml-gpu/engine/run"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
	"udml-gpu/models/head"
)

// chosen is tiny with enough images to choose by, and a whitened start.
func chosen(t *testing.T, result string, change func(c *setting.Config)) setting.Config {
	t.Helper()
	return tiny(t, func(c *setting.Config) {
		c.Data, c.HeadInit, c.Resize, c.Result = data.Demo(4), "whiten", 16, result
		if change != nil {
			change(c)
		}
	})
}

func checkpointFile(t *testing.T, c setting.Config, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(c.Out, "checkpoints", "last", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestResultOfStart: a run that keeps its start leaves the network of a run of no epochs, number by number, and beside it what training has
// made, in the bytes of a run that keeps that.
func TestResultOfStart(t *testing.T) {
	start, trained := chosen(t, "start", nil), chosen(t, "trained", nil)
	none := chosen(t, "auto", func(c *setting.Config) { c.Epochs = 0 })
	for _, c := range []setting.Config{start, trained, none} {
		if _, _, err := trainTiny(t, c); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(checkpointFile(t, start, run.TrainedFile), checkpointFile(t, trained, network.ModelFile)) {
		t.Error("what training has made is not what a run keeps that was asked for it")
	}
	if _, err := os.Stat(filepath.Join(trained.Out, "checkpoints", "last", run.TrainedFile)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a run that keeps the trained network keeps it twice: %v", err)
	}
	got, want := valuesOf(t, start), valuesOf(t, none)
	if len(got) != len(want) || len(want) == 0 {
		t.Fatalf("%d parameters, want %d", len(got), len(want))
	}
	for name, v := range want {
		for i := range v {
			if got[name][i] != v[i] {
				t.Errorf("%s[%d] is %g, %g in a run of no epochs", name, i, got[name][i], v[i])
				break
			}
		}
	}
}

// TestRewhitened: the backbone is the trained one, and the embedding is fitted on its features as the start's is on those before training:
// the networks that are compared, up to the sample, which here is all images.
func TestRewhitened(t *testing.T) {
	trained, rewhitened, auto := chosen(t, "trained", nil), chosen(t, "rewhitened", nil), chosen(t, "auto", nil)
	results := []*run.Result{}
	for _, c := range []setting.Config{trained, rewhitened, auto} {
		r, _, err := trainTiny(t, c)
		if err != nil {
			t.Fatal(err)
		}
		results = append(results, r)
	}
	end, got := valuesOf(t, trained), valuesOf(t, rewhitened)
	for name, v := range end {
		if strings.HasPrefix(name, head.EmbeddingName) || strings.HasPrefix(name, head.WhitenName) {
			if slices.Equal(v, got[name]) {
				t.Errorf("%s is that of the trained network", name)
			}
		} else if !slices.Equal(v, got[name]) {
			t.Errorf("%s of the backbone is not what training has made", name)
		}
	}
	candidates := results[2].Choice.Candidates
	for i, r := range []*run.Result{results[0], results[1]} {
		if want, got := candidates[1+i], r.After.EffectiveRank; !(math.Abs(want.Rank-got) <= 1e-3*got) {
			t.Errorf("%s: an effective rank of %g when compared, %g when kept", want.Name, want.Rank, got)
		}
	}
}

// valuesOf are those of the network that the run of c has left.
func valuesOf(t *testing.T, c setting.Config) map[string][]float32 {
	t.Helper()
	n, err := network.New(c, kernels.CPU())
	if err == nil {
		err = n.LoadRun(c.Out, zerolog.Nop())
	}
	if err != nil {
		t.Fatal(err)
	}
	defer n.Free()
	return n.Values().Numbers
}

// TestResumeAfterChoice: a run goes on from what training has made, whatever it had kept, to the bytes of a run that was never finished
// before, and another --result chooses again without training.
func TestResumeAfterChoice(t *testing.T) {
	for _, result := range []string{"start", "0.5", "auto", "rewhitened", "trained"} {
		t.Run(result, func(t *testing.T) {
			whole := chosen(t, result, func(c *setting.Config) { c.Epochs = 2 })
			if _, _, err := trainTiny(t, whole); err != nil {
				t.Fatal(err)
			}
			want := runFiles(t, whole.Out)
			c := chosen(t, "start", nil)
			if _, _, err := trainTiny(t, c); err != nil {
				t.Fatal(err)
			}
			c.Epochs, c.Result = 2, result
			resumeTiny(t, c)
			wantRunFiles(t, want, c.Out)
			c.Result = "trained"
			resumeTiny(t, c)
			again := chosen(t, "trained", func(c *setting.Config) { c.Epochs = 2 })
			if _, _, err := trainTiny(t, again); err != nil {
				t.Fatal(err)
			}
			wantRunFiles(t, runFiles(t, again.Out), c.Out)
		})
	}
}

// TestStoppedChoice: a signal while the networks are compared ends the run with ErrStopped, and the resumed run makes the same choice.
func TestStoppedChoice(t *testing.T) {
	whole, counted := chosen(t, "auto", nil), &countdown{}
	if _, err := trainUntil(context.Background(), whole, counted.session()); err != nil {
		t.Fatal(err)
	}
	want := runFiles(t, whole.Out)
	calls := counted.calls["embedding"]
	for at := calls - 7; at < calls; at += 2 { // the last ones: 240 images of each network in four batches, then those that are kept
		c := chosen(t, "auto", nil)
		ctx, cancel := context.WithCancel(context.Background())
		s := (&countdown{kind: "embedding", at: at, do: cancel}).session()
		if _, err := trainUntil(ctx, c, s); !errors.Is(err, ErrStopped) {
			t.Fatalf("error %v, want ErrStopped", err)
		}
		cancel()
		resumeTiny(t, c)
		wantRunFiles(t, want, c.Out)
	}
}

// TestRanksChooseTheSame: two ranks leave the bytes of one process.
func TestRanksChooseTheSame(t *testing.T) {
	shards := func(c *setting.Config) { c.Shards = 2 }
	one, two := chosen(t, "auto", shards), chosen(t, "auto", shards)
	r, _, err := trainTiny(t, one)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(r.Choice.Candidates); n != 3 || r.Choice.Text == "" {
		t.Fatalf("%d candidates, %q", n, r.Choice.Text)
	}
	if failures := onRanks(t, two, 2, false, quietly); errors.Join(failures...) != nil {
		t.Fatal(failures)
	}
	wantRunFiles(t, runFiles(t, one.Out), two.Out)
}

// TestChoiceIsExplained: what is kept without a comparison says why.
func TestChoiceIsExplained(t *testing.T) {
	for _, c := range []struct {
		settings setting.Config
		share    float64
		text     string
	}{
		{tiny(t, nil), 1, "too few images"}, // 60
		{chosen(t, "auto", func(c *setting.Config) { c.Method, c.Labels = "npair", "auto" }), 1, "trained on labels"},
		{chosen(t, "start", nil), 0, "what training started from is kept: --result start"},
		{chosen(t, "0.25", nil), 0.25, "a mixture of 25% of the trained weights"},
		{chosen(t, "rewhitened", nil), 1, "the trained backbone is kept, its features whitened anew: --result rewhitened"},
	} {
		r, _, err := trainTiny(t, c.settings)
		if err != nil {
			t.Fatal(err)
		}
		if r.Choice == nil || r.Choice.Share != c.share || !strings.Contains(r.Choice.Text, c.text) {
			t.Errorf("%+v, want a share of %g and %q", r.Choice, c.share, c.text)
		}
	}
	if criteria.Fewest <= 60 {
		t.Error("60 images are not too few any more: the first case is another one")
	}
}
