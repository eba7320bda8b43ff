package preset

import (
	"reflect"
	"strings"
	"testing"

	"udml-gpu/engine/setting"
)

var photos = Facts{Images: 300, Sized: 300, Side: 300, Size: 224, Decoded: 100, Colour: 1}

// TestChoosesTraining: a run that asks for epochs and nothing else of training gets the method, the optimiser and the rate together.
func TestChoosesTraining(t *testing.T) {
	for _, flags := range []map[string]any{
		{"epochs": 3, "also-size": 0},
		{"epochs": 3, "size": 80},
		{"clip-grad": 1.0, "size": 80},
		{"epochs": 1, "result": "trained", "also-mirrored": false},
	} {
		l := layers(t, "", flags)
		said := decide(l, sight{Facts: photos})
		if err := l.Resolve(); err != nil {
			t.Fatal(err)
		}
		got := map[string]any{}
		for key, s := range l.Settings() {
			if s.From == setting.FromPreset {
				got[key] = s.Value
			}
		}
		want := map[string]any{"method": "mutual", "optimizer": "adamw", "lr": 1e-4, "weight-decay": 0.01}
		if !reflect.DeepEqual(got, want) || l.Config.Epochs == 0 || !strings.Contains(said, "--method mutual") {
			t.Errorf("%v: %v, %d epochs, said %q; want %v", flags, got, l.Config.Epochs, said, want)
		}
	}
}

// TestTrainsUnasked: a run that says nothing of training trains for a short time, on smaller views where that saves time, and sees images
// whole.
func TestTrainsUnasked(t *testing.T) {
	for _, c := range []struct {
		flags              map[string]any
		facts              Facts
		size, resize, view int
	}{
		{nil, photos, 224, 224, 112},
		{nil, drawn, 80, 80, 0},
		{map[string]any{"size": 112}, photos, 112, 112, 0},
		{map[string]any{"size": 160}, photos, 160, 160, 112},
		{map[string]any{"size": 320, "seed": uint64(3)}, photos, 320, 320, 160},
		{map[string]any{"resize": 256}, photos, 224, 256, 112},
		{map[string]any{"final-whiten": false}, photos, 224, 224, 112},
		{map[string]any{"result": "trained"}, photos, 224, 224, 112},
		{map[string]any{"train-size": 64}, photos, 224, 224, 64},
		{map[string]any{"batch": 32, "accumulate": 2, "recompute": true}, photos, 224, 224, 112},
		{map[string]any{"shards": 2, "bn": "host", "bn-shards": 2, "exchange": "bf16"}, photos, 224, 224, 112},
	} {
		l := layers(t, "", c.flags)
		c.facts.Images = fewestTrained
		said := decide(l, sight{Facts: c.facts})
		if err := l.Resolve(); err != nil {
			t.Fatal(err)
		}
		got := l.Config
		result := "0.5"
		switch {
		case c.flags["result"] != nil:
			result = "trained"
		case c.view == 0:
			result = "auto"
		}
		if got.Result != result || strings.Contains(said, "--result 0.5") != (result == "0.5") {
			t.Errorf("%v: result %s, said %q", c.flags, got.Result, said)
		}
		saysView := c.view > 0 && c.flags["train-size"] == nil
		if got.Size != c.size || got.Resize != c.resize || got.TrainSize != c.view || got.Epochs != 2 || got.Method != "mutual" ||
			got.LR != 1e-4 || !strings.Contains(said, "--epochs 2") || strings.Contains(said, "--train-size") != saysView {
			t.Errorf("%v: %d of %d, views of %d, %d epochs by %s at %g, said %q", c.flags, got.Size, got.Resize, got.TrainSize, got.Epochs,
				got.Method, got.LR, said)
		}
	}
}

// TestTrainsNothing: where nothing was measured, or the start is asked for, nothing is trained unasked, and what asks for training is left
// as it is.
func TestTrainsNothing(t *testing.T) {
	for _, c := range []struct {
		name   string
		flags  map[string]any
		images int
		epochs int
		why    string
	}{
		{"asked not to", map[string]any{"epochs": 0}, 300, 0, ""},
		{"the start", map[string]any{"result": "start"}, 300, 0, "the start"},
		{"nothing of what is trained", map[string]any{"result": "0"}, 300, 0, "the start"},
		{"few", nil, 299, 0, "fewer than 300 images, for which"},
		{"tiny", nil, 63, 0, "fewer than 64 images: too few"},
		{"many", nil, 20_001, 0, "--epochs 2 --resize 224 --train-size 112 --result 0.5 trains"},
		{"many small", map[string]any{"size": 80}, 20_001, 0, ": --epochs 2 --resize 80 trains"},
		{"most", nil, 20_000, 2, "as many gained"},
		{"a method", map[string]any{"method": "instance"}, 300, 5, "a setting of training, or a method"},
		{"steps", map[string]any{"clip-grad": 1.0}, 300, 5, "a setting of training, or a method"},
	} {
		l := layers(t, "", c.flags)
		facts := photos
		facts.Images = c.images
		decide(l, sight{Facts: facts})
		if err := l.Resolve(); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if why := l.Settings()["epochs"].Why; l.Config.Epochs != c.epochs || !strings.Contains(why, c.why) || (c.why == "") != (why == "") {
			t.Errorf("%s: %d epochs, %q", c.name, l.Config.Epochs, why)
		}
	}
}

// TestDrawingsTrainAlike: line drawings are trained as photos are.
func TestDrawingsTrainAlike(t *testing.T) {
	seen := sight{Facts: drawn}
	seen.Facts.Images = fewestTrained
	l := layers(t, "", map[string]any{"epochs": 1})
	if said := decide(l, seen); l.Config.Method != "mutual" || l.Config.Size != drawingSize {
		t.Errorf("method %s, size %d, said %q", l.Config.Method, l.Config.Size, said)
	}
}

// TestTrainingStays: whatever is said of a method or of the optimiser's steps is not mixed with a choice, and nothing is chosen where
// nothing was measured.
func TestTrainingStays(t *testing.T) {
	for _, c := range []struct {
		name   string
		flags  map[string]any
		change func(f *Facts)
		why    string
	}{
		{"no epochs", map[string]any{"epochs": 0}, func(*Facts) {}, ""},
		{"a method", map[string]any{"epochs": 1, "method": "cbswr"}, func(*Facts) {}, ""},
		{"a setting of a method", map[string]any{"epochs": 1, "clusters": 8}, func(*Facts) {}, ""},
		{"a rate", map[string]any{"epochs": 1, "lr": 0.01}, func(*Facts) {}, ""},
		{"an optimiser", map[string]any{"epochs": 1, "optimizer": "sgd"}, func(*Facts) {}, ""},
		{"few images", map[string]any{"epochs": 1}, func(f *Facts) { f.Images = 299 }, "fewer than 300 images"},
		{"another network", map[string]any{"epochs": 1, "backbone": "resnet18"}, func(*Facts) {}, ""},
	} {
		l := layers(t, "", c.flags)
		seen := sight{Facts: photos}
		c.change(&seen.Facts)
		said := decide(l, seen)
		if err := l.Resolve(); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		s := l.Settings()
		if l.Config.Method != "cbswr" || strings.Contains(said, "--method") || !strings.Contains(s["method"].Why, c.why) ||
			s["optimizer"].From == setting.FromPreset || (c.why == "") != (s["method"].Why == "") {
			t.Errorf("%s: method %s (%q), optimiser from %s, said %q", c.name, l.Config.Method, s["method"].Why, s["optimizer"].From, said)
		}
	}
}
