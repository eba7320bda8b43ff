package engine

import (
	"math"

	"udml-gpu/engine/eval"
	"udml-gpu/kernels"
	"udml-gpu/models/layer"
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

func newEpochFigures(c Config, steps int) *epochFigures {
	return &epochFigures{sums: map[string]float64{}, last: map[string]float64{}, labels: make([]int64, c.Clusters)}
}

// add reads a finished step. It waits for the device.
func (f *epochFigures) add(s *step, images int, skipped bool) {
	f.steps++
	f.images += images
	if skipped {
		f.skipped++
		return
	}
	f.term("loss", layer.Scalar(s.out.Loss, 0))
	for _, t := range s.out.Terms {
		f.term(t.Name, layer.Scalar(t.Value, t.Index))
	}
	f.agreement += eval.Agreement(s.out.Embedding.Value())
	if s.out.Logits != nil {
		f.clusters(s, images)
	}
}

func (f *epochFigures) term(name string, v float64) {
	f.sums[name] += v
	f.last[name] = v
}

func (f *epochFigures) clusters(s *step, images int) {
	live := 0
	for _, n := range kernels.Data[int32](s.out.Count.Value()) {
		if n > 0 {
			live++
		}
	}
	f.live += float64(live)
	f.expected += eval.ExpectedLive(len(f.labels), images)
	logits := kernels.Data[float32](s.out.Logits.Value())
	k := len(f.labels)
	for i := range images {
		f.labels[argmax(logits[i*k:(i+1)*k])]++
	}
}

func argmax(row []float32) int {
	best := 0
	for i, v := range row {
		if v > row[best] {
			best = i
		}
	}
	return best
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
