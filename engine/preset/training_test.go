package preset

import (
	"reflect"
	"strings"
	"testing"

	"udml-gpu/engine/setting"
)

var photos = Facts{Images: 500, Sized: 500, Side: 300, Size: 224, Decoded: 100, Colour: 1}

// TestChoosesTraining: a run that asks for epochs and nothing else of training gets the method, the optimiser and the rate together.
func TestChoosesTraining(t *testing.T) {
	for _, flags := range []map[string]any{{"epochs": 3}, {"epochs": 3, "size": 80}, {"batch": 32}, {"epochs": 1, "result": "trained"}} {
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

// TestTrainingStays: whatever is said of a method or of the optimiser's steps is not mixed with a choice, and nothing is chosen where
// nothing was measured.
func TestTrainingStays(t *testing.T) {
	for _, c := range []struct {
		name   string
		flags  map[string]any
		change func(f *Facts)
		why    string
	}{
		{"no epochs", nil, func(*Facts) {}, ""},
		{"a method", map[string]any{"epochs": 1, "method": "cbswr"}, func(*Facts) {}, ""},
		{"a setting of a method", map[string]any{"epochs": 1, "clusters": 8}, func(*Facts) {}, ""},
		{"a rate", map[string]any{"epochs": 1, "lr": 0.01}, func(*Facts) {}, ""},
		{"an optimiser", map[string]any{"epochs": 1, "optimizer": "sgd"}, func(*Facts) {}, ""},
		{"few images", map[string]any{"epochs": 1}, func(f *Facts) { f.Images = 499 }, "fewer than 500 images"},
		{"drawings", map[string]any{"epochs": 1}, func(f *Facts) { *f, f.Images = drawn, 500 }, "line drawings"},
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
