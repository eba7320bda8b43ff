package train

import (
	"context"
	"fmt"
	"image"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/rs/zerolog"

	"udml-gpu/engine/images"
	"udml-gpu/engine/report"
	"udml-gpu/engine/setting"
)

// The sizes of the splits of splitDrawings. They differ, so that the reported progress of a pass shows which split it is over.
const trainImages, testImages = 70, 40

// splitDrawings is a folder of drawings of two classes, with or without a test split.
func splitDrawings(t *testing.T, withTest bool) string {
	t.Helper()
	dir := t.TempDir()
	for n := range trainImages + testImages {
		split := "train"
		if n >= trainImages {
			split = "test"
		}
		if split == "test" && !withTest {
			continue
		}
		drawing := image.NewGray(image.Rect(0, 0, 18, 18))
		for i := range drawing.Pix {
			drawing.Pix[i] = uint8(i * (n + 3) % 251)
		}
		file := filepath.Join(dir, split, fmt.Sprint("class", n%2), fmt.Sprintf("%03d.png", n))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(f, drawing); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestPasses counts how often each split goes through the network: once for each version of the network that is measured, and not
// at all where nothing needs its features.
func TestPasses(t *testing.T) {
	for _, c := range []struct {
		name        string
		withTest    bool
		train, test int
		change      func(*setting.Config)
	}{
		{"labels", true, 2, 2, func(c *setting.Config) { c.Labels = "auto" }},
		{"no labels", true, 2, 2, nil},
		{"the start is kept", true, 3, 2, func(c *setting.Config) { c.Result = "start" }},
		{"one split", false, 2, 0, func(c *setting.Config) { c.Labels = "auto" }},
		{"nothing fitted", true, 0, 2, func(c *setting.Config) { c.HeadInit, c.FinalWhiten = "random", false }},
		{"labels, nothing fitted", true, 2, 2, func(c *setting.Config) { c.Labels, c.HeadInit, c.FinalWhiten = "auto", "random", false }},
		{"neighbours", true, 3, 2, func(c *setting.Config) {
			c.Labels, c.Epochs = "auto", 2
			c.Set("positives", "neighbours")
		}},
		{"no epochs", true, 1, 1, func(c *setting.Config) { c.Labels, c.Epochs = "auto", 0 }},
		{"no epochs, no labels", true, 1, 1, func(c *setting.Config) { c.Epochs = 0 }},
		{"each epoch measured", true, 3, 3, func(c *setting.Config) { c.Labels, c.EvalEvery, c.Epochs = "auto", 1, 2 }},
		{"head alone", true, 1, 1, func(c *setting.Config) { c.Labels, c.EvalEvery, c.Epochs, c.TrainBlocks = "auto", 1, 2, 0 }},
		{"head alone, no labels", true, 1, 1, func(c *setting.Config) { c.EvalEvery, c.Epochs, c.TrainBlocks = 1, 2, 0 }},
		{"head alone, neighbours", true, 1, 1, func(c *setting.Config) {
			c.Labels, c.Epochs, c.TrainBlocks = "auto", 2, 0
			c.Set("positives", "neighbours")
		}},
		{"a block", true, 3, 3, func(c *setting.Config) { c.Labels, c.EvalEvery, c.Epochs, c.TrainBlocks = "auto", 1, 2, 1 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := tiny(t, func(s *setting.Config) {
				s.Data, s.Dim, s.HeadInit, s.Result = splitDrawings(t, c.withTest), 8, "whiten", "trained"
				if c.change != nil {
					c.change(s)
				}
			})
			passes := map[int]int{}
			ui := images.UI{Log: zerolog.Nop(), Embedding: func(done, total int) {
				if done == total {
					passes[total]++
				}
			}}
			tr, err := New(context.Background(), cfg, Session{UI: ui})
			if err != nil {
				t.Fatal(err)
			}
			dev := tr.Network.Device
			_, err = tr.Train(context.Background())
			held := tr.features
			tr.Close()
			if err != nil || held != (features{}) || dev.LiveBytes() != 0 {
				t.Fatalf("error %v, features %+v, %d bytes live", err, held, dev.LiveBytes())
			}
			delete(passes, 2*trainImages) // the views of ViewRecall, and those that are kept
			want := map[int]int{trainImages: c.train, testImages: c.test}
			if cfg.FitsHead() {
				want[3*trainImages] = 1 // the images and two views of each, for the reliability of neighbours
			}
			maps.DeleteFunc(want, func(_, n int) bool { return n == 0 })
			if !maps.Equal(passes, want) {
				t.Errorf("passes by size of the split: %v, want %v", passes, want)
			}
		})
	}
}

// TestNoFeaturesWhileTraining: no features are held during steps, which need the memory and change the network.
func TestNoFeaturesWhileTraining(t *testing.T) {
	tr := openTiny(t, tiny(t, func(c *setting.Config) { c.HeadInit = "whiten" }))
	if tr.features.train.Pooled == nil {
		t.Fatal("the start of the embedding layer leaves no features")
	}
	ctx := context.Background()
	watch := &watcher{of: &tr.features}
	tr.show = watch
	if _, err := tr.Train(ctx); err != nil {
		t.Fatal(err)
	}
	if watch.steps == 0 || watch.held {
		t.Errorf("%d steps, features held: %v", watch.steps, watch.held)
	}
	f, err := tr.Network.Embed(ctx, tr.train)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Free()
	stale := f
	for b := range tr.loader.Epoch(5, 0) {
		s := tr.StepFor(len(b.Samples))
		s.Fill(b)
		tr.Learn(s)
		break
	}
	if err := tr.Network.Renew(ctx, tr.train, &f); err != nil {
		t.Fatal(err)
	}
	if f.Pooled == stale.Pooled {
		t.Error("a step leaves the features of before")
	}
}

// watcher is Progress that checks after each step whether features are held.
type watcher struct {
	of    *features
	steps int
	held  bool
}

func (w *watcher) Step(report.Position, map[string]float64) {
	w.steps++
	w.held = w.held || *w.of != (features{})
}

func (*watcher) Clear() {}
