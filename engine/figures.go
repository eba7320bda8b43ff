package engine

import (
	"math"

	"udml-gpu/engine/eval"
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

func newEpochFigures(c Config) *epochFigures {
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

// EpochReport is one line of metrics.jsonl.
type EpochReport struct {
	Epoch        int                `json:"epoch"`
	Steps        int                `json:"steps"`
	Skipped      int                `json:"skipped_steps"`
	LearningRate float64            `json:"learning_rate"`
	Terms        map[string]float64 `json:"terms"` // means over the steps
	Health       Health             `json:"health"`
	Quality      *Quality           `json:"quality,omitempty"`
}

// Health are figures of training that need no labels.
type Health struct {
	LiveClusters      float64 `json:"live_clusters"`           // mean over batches
	LiveIfRandom      float64 `json:"live_clusters_if_random"` // what uniformly random labels would give
	LiveClustersEpoch int     `json:"live_clusters_epoch"`
	LiveEpochIfRandom float64 `json:"live_clusters_epoch_if_random"`
	UsageEntropy      float64 `json:"usage_entropy"` // of the cluster sizes over the epoch, over log K
	ViewAgreement     float64 `json:"view_agreement"`
}

func (f *epochFigures) means() map[string]float64 {
	m := map[string]float64{}
	for name, v := range f.sums {
		m[name] = v / math.Max(1, float64(f.steps-f.skipped))
	}
	return m
}

func (f *epochFigures) health() Health {
	n := math.Max(1, float64(f.steps-f.skipped))
	h := Health{LiveClusters: f.live / n, LiveIfRandom: f.expected / n, ViewAgreement: f.agreement / n}
	for _, c := range f.labels {
		if c > 0 {
			h.LiveClustersEpoch++
		}
	}
	h.LiveEpochIfRandom = eval.ExpectedLive(len(f.labels), f.images)
	h.UsageEntropy = eval.UsageEntropy(f.labels)
	return h
}
