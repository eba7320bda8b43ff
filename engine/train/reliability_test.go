package train

import (
	"testing"

	"udml-gpu/engine/data"
	"udml-gpu/engine/setting"
)

// TestReliability: a run of the preset auto reports before training what the choice at its end measures of its start, since the sample is
// the same: all images of the set. Other runs, and those of too few images, report nothing.
func TestReliability(t *testing.T) {
	reported := func(change func(c *setting.Config)) (before *float64, start float64) {
		t.Helper()
		r, _, err := trainTiny(t, chosen(t, "auto", change))
		if err != nil {
			t.Fatal(err)
		}
		if r.Choice != nil && len(r.Choice.Candidates) > 0 {
			start = r.Choice.Candidates[0].Overlap
		}
		return r.Before.Reliability, start
	}
	got, want := reported(func(c *setting.Config) { c.Preset, c.Epochs = setting.Auto, 1 })
	if got == nil || !(*got == want) || !(want > 0 && want < 1) {
		t.Errorf("reliability %v, and %g of the start at the end", got, want)
	}
	for name, change := range map[string]func(c *setting.Config){
		"no preset":    func(c *setting.Config) { c.Preset, c.Epochs = "", 0 },
		"from scratch": func(c *setting.Config) { c.Preset, c.Epochs, c.HeadInit = setting.Auto, 1, "random" },
		"few images":   func(c *setting.Config) { c.Preset, c.Epochs, c.Data = setting.Auto, 0, data.Demo(3) },
	} {
		if got, _ := reported(change); got != nil {
			t.Errorf("%s: reliability %g", name, *got)
		}
	}
}
