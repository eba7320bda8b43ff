package train

import (
	"context"
	"testing"

	"github.com/rs/zerolog"

	"udml-gpu/engine/criteria"
	"udml-gpu/engine/images"
	"udml-gpu/engine/run"
	"udml-gpu/engine/setting"
)

// TestTrainedFrom: only pretrained weights that are trained make a method proven, and only mutual is.
func TestTrainedFrom(t *testing.T) {
	for _, c := range []struct {
		method, pretrained string
		blocks             int
		want               criteria.Origin
	}{
		{"mutual", "false", -1, criteria.FromScratch},
		{"mutual", "true", -1, criteria.Proven},
		{"mutual", "true", 1, criteria.Proven},
		{"mutual", "true", 0, criteria.FromPretrained},
		{"instance", "true", -1, criteria.FromPretrained},
		{"instance", "false", -1, criteria.FromScratch},
	} {
		settings := tiny(t, func(s *setting.Config) { s.Method = c.method })
		tr, err := New(context.Background(), settings, Session{UI: images.UI{Log: zerolog.Nop()}})
		if err != nil {
			t.Fatal(err)
		}
		tr.Network.Config.Pretrained, tr.Network.Config.TrainBlocks = c.pretrained, c.blocks
		if got := tr.trainedFrom(); got != c.want {
			t.Errorf("%s, --pretrained %s, --train-blocks %d: %d, want %d", c.method, c.pretrained, c.blocks, got, c.want)
		}
		tr.Close()
	}
}

// TestProvenIsKept: what mutual makes of the built-in weights is kept whitened anew, and the start where its rate has been far too high.
func TestProvenIsKept(t *testing.T) {
	for rate, want := range map[float64]run.Kept{1e-4: run.Rewhitened, 0.1: run.Start} {
		c := chosen(t, "auto", func(c *setting.Config) {
			c.Backbone, c.Pretrained, c.Channels, c.Invert, c.Size, c.Resize = "squeezenet", "true", 3, false, 32, 32
			c.Method, c.Optimizer, c.LR = "mutual", "adamw", rate
		})
		r, _, err := trainTiny(t, c)
		if err != nil {
			t.Fatal(err)
		}
		if r.Choice.Kept != want {
			t.Errorf("a rate of %g: %s is kept, want %s: %s", rate, r.Choice.Name, want.Name, r.Choice.Text)
		}
	}
}
