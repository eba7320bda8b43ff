package run

import "udml-gpu/engine/eval"

// Quality is what a network is worth: with labels, the scores of its embedding (inlined) and of the pooled and
// whitened features beside it; and figures that need no labels.
type Quality struct {
	*eval.Scores
	Pooled   *eval.Scores `json:"pooled,omitempty"`
	Whitened *eval.Scores `json:"whitened,omitempty"`
	// Raw is the embedding before the final whitening, where there is one.
	Raw *eval.Scores `json:"raw,omitempty"`
	// EffectiveRank is how many directions the embedding really uses.
	EffectiveRank float64 `json:"effective_rank"`
	// ViewRecall is how often the nearest neighbour of a random view is the other view of the same image.
	ViewRecall float64 `json:"view_recall"`
}
