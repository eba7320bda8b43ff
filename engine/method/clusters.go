package method

import (
	"encoding/json"
	"fmt"
	"math"

	"udml-gpu/engine/eval"
)

// clusterFigures are the figures of a method that clusters its batches: how many clusters have members, compared with
// uniformly random labels, and how evenly they are used.
type clusterFigures struct {
	clusters       int // K
	collapseEpochs int // --collapse-epochs

	live, expected float64 // clusters with members, measured and of uniformly random labels; summed over steps
}

// The keys of the figures.
const (
	liveKey          = "live_clusters"           // mean over batches
	liveRandomKey    = "live_clusters_if_random" // what uniformly random labels would give
	liveEpochKey     = "live_clusters_epoch"
	liveEpochRandKey = "live_clusters_epoch_if_random"
	usageKey         = "usage_entropy" // entropy of the cluster sizes of the epoch, divided by log K
)

// Begin is Figures.Begin.
func (f *clusterFigures) Begin() { f.live, f.expected = 0, 0 }

// Add is Figures.Add.
func (f *clusterFigures) Add(images int, live float64) {
	f.live += live
	f.expected += eval.ExpectedLive(f.clusters, images)
}

// Epoch is Figures.Epoch.
func (f *clusterFigures) Epoch(images, counted int, chosen []int32) []Figure {
	n, used := math.Max(1, float64(counted)), 0
	sizes := make([]int64, f.clusters)
	for i, c := range chosen {
		sizes[i] = int64(c)
		if c > 0 {
			used++
		}
	}
	return []Figure{
		{liveKey, f.live / n},
		{liveRandomKey, f.expected / n},
		{liveEpochKey, float64(used)},
		{liveEpochRandKey, eval.ExpectedLive(f.clusters, images)},
		{usageKey, eval.UsageEntropy(sizes)},
	}
}

// Text is Figures.Text.
func (f *clusterFigures) Text(epoch []Figure) string {
	live, _ := Find(epoch, liveKey)
	random, ok := Find(epoch, liveRandomKey)
	if !ok || random == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f live clusters a batch (%.1f if random)", live, random)
}

// Charts is Figures.Charts.
func (f *clusterFigures) Charts() []Chart {
	return []Chart{{"live clusters a batch", []ChartLine{{liveKey, "live"}, {liveRandomKey, "if labels were random"}}}}
}

// Diagnosis is Figures.Diagnosis: the clusters that had members in the epoch.
func (f *clusterFigures) Diagnosis(epoch []Figure) []Figure {
	used, ok := Find(epoch, liveEpochKey)
	if !ok {
		return nil
	}
	return []Figure{{liveKey, used}}
}

// collapseImages is the smallest number of images at which one cluster is a sign of collapse: that many fall into one of two
// clusters by chance in one epoch of 32768.
const collapseImages = 16

// Collapsed reports a collapse when all images fell into one cluster in each of the last --collapse-epochs epochs. It is nil
// with a single cluster or fewer than collapseImages images.
func (f *clusterFigures) Collapsed(epochs []EpochFigures, images int) *Collapse {
	n := f.collapseEpochs
	if n == 0 || len(epochs) < n || f.clusters == 1 || images < collapseImages {
		return nil
	}
	last := epochs[len(epochs)-n:]
	for _, e := range last {
		if used, ok := Find(e.Figures, liveEpochKey); !ok || used != 1 {
			return nil
		}
	}
	from, to := last[0].Epoch, last[n-1].Epoch
	return &Collapse{
		Reason: "one cluster", Since: from, Try: "a lower --lr, a larger --batch or another --clusters",
		Seen: fmt.Sprintf("all images fell into one of %d clusters in %s (--collapse-epochs %d)", f.clusters, epochsText(from, to), n),
	}
}

func epochsText(from, to int) string {
	if from == to {
		return fmt.Sprintf("epoch %d", from)
	}
	return fmt.Sprintf("epochs %d to %d", from, to)
}

// state is the part of an unfinished epoch that its checkpoint keeps.
func (f *clusterFigures) state() map[string]any {
	return map[string]any{"live": f.live, "expected": f.expected}
}

// setState restores what state has returned.
func (f *clusterFigures) setState(state map[string]json.RawMessage) error {
	f.Begin()
	for key, at := range map[string]*float64{"live": &f.live, "expected": &f.expected} {
		if raw, ok := state[key]; ok && json.Unmarshal(raw, at) != nil {
			return fmt.Errorf("its figure %q is not a number", key)
		}
	}
	return nil
}
