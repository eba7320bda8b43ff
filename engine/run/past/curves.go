package past

import (
	"maps"
	"slices"

	"udml-gpu/engine/method"
	"udml-gpu/engine/run"
)

// Curve is a figure over the epochs of all runs.
type Curve struct {
	Figure string   `json:"figure"`
	Lines  []Points `json:"lines"` // one for each run
}

// Points are a figure's values after these epochs; epoch 0 is before training.
type Points struct {
	Epochs []int     `json:"epochs"`
	Values []float64 `json:"values"`
}

func (p *Points) add(epoch int, v float64) {
	p.Epochs, p.Values = append(p.Epochs, epoch), append(p.Values, v)
}

// addCurves adds, in this order, the loss, Recall@1 and other figures of quality, the loss terms, and the health figures.
func (c *Comparison) addCurves() {
	terms, health := map[string]bool{}, map[string]bool{}
	for _, r := range c.Runs {
		for _, h := range r.history() {
			for name := range h.Terms {
				terms[name] = true
			}
			for _, f := range h.Health {
				health[f.Key] = true
			}
		}
	}
	delete(terms, "loss")
	c.curve("loss", func(h *run.EpochReport) (float64, bool) { v, ok := h.Terms["loss"]; return v, ok })
	for _, key := range []string{recallAt1, "map_at_r", "nmi", effectiveRank, viewRecall} {
		c.qualityCurve(key)
	}
	for _, name := range slices.Sorted(maps.Keys(terms)) {
		c.curve(name, func(h *run.EpochReport) (float64, bool) { v, ok := h.Terms[name]; return v, ok })
	}
	for _, key := range slices.Sorted(maps.Keys(health)) {
		c.curve(key, func(h *run.EpochReport) (float64, bool) {
			return method.Find(h.Health, key)
		})
	}
}

func (r *Run) history() []*run.EpochReport {
	if r.state == nil {
		return nil
	}
	return r.state.History
}

// curve adds a figure that epochs have.
func (c *Comparison) curve(name string, of func(*run.EpochReport) (float64, bool)) {
	lines := make([]Points, len(c.Runs))
	for i, r := range c.Runs {
		for _, h := range r.history() {
			if v, ok := of(h); ok {
				lines[i].add(h.Epoch, v)
			}
		}
	}
	c.keep(name, lines)
}

// qualityCurve adds a figure of quality: before training, of the evaluated epochs, and of the end where the last epoch has none.
func (c *Comparison) qualityCurve(key string) {
	lines := make([]Points, len(c.Runs))
	for i, r := range c.Runs {
		if r.state == nil {
			continue
		}
		if v, ok := figuresOf(r.state.Before)[key]; ok {
			lines[i].add(0, v)
		}
		for _, h := range r.history() {
			if v, ok := figuresOf(h.Quality)[key]; ok {
				lines[i].add(h.Epoch, v)
			}
		}
		if res := r.state.Result; res != nil && r.Epoch > 0 && !slices.Contains(lines[i].Epochs, r.Epoch) {
			if v, ok := figuresOf(res.After)[key]; ok {
				lines[i].add(r.Epoch, v)
			}
		}
	}
	c.keep(key, lines)
}

// keep adds the curve unless no run has a point on it.
func (c *Comparison) keep(name string, lines []Points) {
	if !slices.ContainsFunc(lines, func(p Points) bool { return len(p.Epochs) > 0 }) {
		return
	}
	for i := range lines {
		if lines[i].Epochs == nil {
			lines[i] = Points{Epochs: []int{}, Values: []float64{}}
		}
	}
	c.Curves = append(c.Curves, Curve{Figure: name, Lines: lines})
}
