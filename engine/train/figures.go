package train

import (
	"math"

	"udml-gpu/engine/eval"
	"udml-gpu/engine/run"
	"udml-gpu/engine/setting"
)

// epochFigures gathers what an epoch's steps showed.
type epochFigures struct {
	steps, images, skipped int
	sums                   map[string]float64
	last                   map[string]float64
	labels                 []int64 // how often each cluster was chosen
	live, expected         float64 // clusters with members, summed over steps
	agreement              float64
}

func newEpochFigures(c setting.Config) *epochFigures {
	return &epochFigures{sums: map[string]float64{}, last: map[string]float64{}, labels: make([]int64, c.Clusters)}
}

// add takes what record.Step wrote of a step: skipped or not, the scalars of those names, the views' agreement, the live
// clusters. A skipped step counts as such alone.
func (f *epochFigures) add(names []string, row []float32, images int) {
	f.steps++
	f.images += images
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
	f.live += float64(row[2+len(names)])
	f.expected += eval.ExpectedLive(len(f.labels), images)
}

func (f *epochFigures) means() map[string]float64 {
	m := map[string]float64{}
	for name, v := range f.sums {
		m[name] = v / math.Max(1, float64(f.steps-f.skipped))
	}
	return m
}

func (f *epochFigures) health() run.Health {
	n := math.Max(1, float64(f.steps-f.skipped))
	h := run.Health{LiveClusters: f.live / n, LiveIfRandom: f.expected / n, ViewAgreement: f.agreement / n}
	for _, c := range f.labels {
		if c > 0 {
			h.LiveClustersEpoch++
		}
	}
	h.LiveEpochIfRandom = eval.ExpectedLive(len(f.labels), f.images)
	h.UsageEntropy = eval.UsageEntropy(f.labels)
	return h
}

func newPartial(f *epochFigures, labels []int32) *run.Partial {
	p := &run.Partial{
		Steps: f.steps, Images: f.images, Skipped: f.skipped, Sums: map[string]float64{}, Last: map[string]float64{},
		Live: f.live, Expected: f.expected, Agreement: f.agreement, Labels: labels,
	}
	for name, v := range f.sums { // the epoch goes on to change its maps
		p.Sums[name], p.Last[name] = v, f.last[name]
	}
	return p
}

// figuresOf are the epoch's so far.
func figuresOf(p *run.Partial, c setting.Config) *epochFigures {
	f := newEpochFigures(c)
	f.steps, f.images, f.skipped = p.Steps, p.Images, p.Skipped
	f.live, f.expected, f.agreement = p.Live, p.Expected, p.Agreement
	for name, v := range p.Sums {
		f.sums[name], f.last[name] = v, p.Last[name]
	}
	return f
}
