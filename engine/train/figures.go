package train

import (
	"encoding/json"
	"math"

	"udml-gpu/engine/method"
	"udml-gpu/engine/run"
)

// epochFigures collects the figures of an epoch's steps.
type epochFigures struct {
	steps, images, skipped int
	sums                   map[string]float64
	last                   map[string]float64
	chosen                 []int32 // how often each cluster was chosen; set when the epoch ends
	agreement              float64 // summed over steps; without meaning for a single view
	views                  int
	method                 method.Figures
	within                 *run.Stretches // nil: not collected
	total                  int            // steps of the epoch
}

// newEpochFigures are the empty figures of a new epoch of l.
func newEpochFigures(l *Learner) *epochFigures {
	f := &epochFigures{
		sums: map[string]float64{}, last: map[string]float64{}, views: len(l.views), method: method.FiguresOf(l.method),
	}
	f.method.Begin()
	return f
}

// add adds a step. row is what record.Step has written: skipped or not, the scalars of those names, the agreement of the views,
// the number of live clusters. A skipped step is only counted.
func (f *epochFigures) add(names []string, row []float32, images int) {
	f.steps++
	f.images += images
	f.addWithin(names, row)
	if row[0] != 0 {
		f.skipped++
		return
	}
	for i, name := range names {
		v := float64(row[1+i])
		f.sums[name] += v
		f.last[name] = v
	}
	f.agreement += float64(row[1+len(names)])
	f.method.Add(images, float64(row[2+len(names)]))
}

// addWithin adds the step to its stretch of the epoch.
func (f *epochFigures) addWithin(names []string, row []float32) {
	if f.within == nil {
		return
	}
	counted := row[0] == 0
	at := f.within.Begin(f.steps, f.total, counted)
	if !counted {
		return
	}
	for i, name := range names {
		f.within.Add(at, name, float64(row[1+i]))
	}
	if f.views > 1 {
		f.within.Add(at, run.AgreementKey, float64(row[1+len(names)]))
	}
}

// counted is the number of steps that were not skipped.
func (f *epochFigures) counted() int { return f.steps - f.skipped }

func (f *epochFigures) means() map[string]float64 {
	m := map[string]float64{}
	for name, v := range f.sums {
		m[name] = v / math.Max(1, float64(f.counted()))
	}
	return m
}

func (f *epochFigures) health() run.Health {
	h := run.Health(f.method.Epoch(f.images, f.counted(), f.chosen))
	if f.views > 1 {
		h = append(h, method.Figure{Key: run.AgreementKey, Value: f.agreement / math.Max(1, float64(f.counted()))})
	}
	return h
}

// newPartial is what the checkpoint of an unfinished epoch keeps: f, how often each cluster was chosen, and the method's state.
func newPartial(f *epochFigures, chosen []int32, m method.Method) (*run.Partial, error) {
	p := &run.Partial{
		Steps: f.steps, Images: f.images, Skipped: f.skipped, Sums: map[string]float64{}, Last: map[string]float64{},
		Agreement: f.agreement, Labels: chosen, Method: map[string]json.RawMessage{},
		Stretches: f.within.Clone(),
	}
	for name, v := range f.sums { // a copy, since the epoch continues to change its maps
		p.Sums[name], p.Last[name] = v, f.last[name]
	}
	keeper, ok := m.(method.EpochKeeper)
	if !ok {
		return p, nil
	}
	for key, v := range keeper.EpochState() {
		b, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		p.Method[key] = b
	}
	return p, nil
}

// resume restores the figures of an unfinished epoch, except those of the method, which restores its own (EpochKeeper).
func (f *epochFigures) resume(p *run.Partial) {
	f.steps, f.images, f.skipped, f.agreement = p.Steps, p.Images, p.Skipped, p.Agreement
	f.within = p.Stretches
	for name, v := range p.Sums {
		f.sums[name], f.last[name] = v, p.Last[name]
	}
}
