package train

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"udml-gpu/engine/images"
	"udml-gpu/engine/network"
	"udml-gpu/engine/setting"
)

// TestNoEpochs: a run of no epochs records no step, ends with the embedding that it starts with, and can be prolonged: training then
// ends in the bytes of a run that trained from the start.
func TestNoEpochs(t *testing.T) {
	for _, start := range []string{"whiten", "within"} {
		t.Run(start, func(t *testing.T) { noEpochs(t, func(c *setting.Config) { c.HeadInit = start }) })
	}
}

func noEpochs(t *testing.T, start func(c *setting.Config)) {
	ctx, s := context.Background(), Session{UI: images.UI{Log: zerolog.Nop()}}
	want := tiny(t, start)
	model := finished(t, want, func() (*Trainer, error) { return New(ctx, want, s) })
	none := tiny(t, start)
	none.Epochs = 0
	finished(t, none, func() (*Trainer, error) {
		tr, err := New(ctx, none, s)
		if err == nil && (len(tr.steps) != 0 || tr.optim != nil || tr.loader != nil) {
			t.Error("a run of no epochs has a step, an optimiser or a loader")
		}
		return tr, err
	})
	longer := none
	longer.Epochs = want.Epochs
	if got := finished(t, longer, func() (*Trainer, error) { return Resume(ctx, none.Out, longer, s) }); !bytes.Equal(got, model) {
		t.Error("a run of no epochs, prolonged, ends in another model")
	}
}

// finished trains to the end and gives the bytes of the model. Nothing may be left on the device, and of a run of no epochs the
// result is its start.
func finished(t *testing.T, c setting.Config, open func() (*Trainer, error)) []byte {
	t.Helper()
	tr, err := open()
	if err != nil {
		t.Fatal(err)
	}
	onTrainImages(tr)
	dev := tr.Network.Device
	r, err := tr.Train(context.Background())
	whitens := tr.Network.Whitens
	tr.Close()
	if err != nil || dev.LiveBytes() != 0 {
		t.Fatalf("error %v, %d bytes live", err, dev.LiveBytes())
	}
	untrained := c.Epochs == 0
	if whitens == untrained || (r.After.EffectiveRank == r.Before.EffectiveRank) != untrained || (r.After.ViewRecall == nil) != untrained {
		t.Errorf("%d epochs: a final whitening: %v; before %+v, after %+v", c.Epochs, whitens, r.Before, r.After)
	}
	model, err := os.ReadFile(filepath.Join(c.Out, "checkpoints", "last", network.ModelFile))
	if err != nil {
		t.Fatal(err)
	}
	return model
}

func TestRoundly(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "1 s", 119 * time.Second: "119 s", 125 * time.Second: "2 min", 119 * time.Minute: "119 min", 5 * time.Hour: "5 h",
	} {
		if got := roundly(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}

// TestForesee: what a pass takes is said of many images alone, by the share of it that is done.
func TestForesee(t *testing.T) {
	for _, c := range []struct {
		done, total, all int
		want             string
	}{
		{512, 20_000, 20_000, "20000 training images: one pass over them through the network takes about 7 min here"},
		{512, 10_000, 20_000, "20000 training images: one pass over them through the network takes about 3 min here"}, // of two ranks
		{512, 19_999, 19_999, ""},
	} {
		if got := foresee(c.done, c.total, c.all, 10*time.Second); got != c.want {
			t.Errorf("%d of %d: %q, want %q", c.done, c.total, got, c.want)
		}
	}
}
