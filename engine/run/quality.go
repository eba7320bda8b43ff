package run

import "udml-gpu/engine/eval"

// Quality is the quality of a network: with labels, the scores of its embedding (inlined in JSON) and of the pooled and
// whitened features; and figures that need no labels.
type Quality struct {
	*eval.Scores
	Pooled   *eval.Scores `json:"pooled,omitempty"`
	Whitened *eval.Scores `json:"whitened,omitempty"`
	// Raw are the scores of the embedding before the final whitening; nil without one.
	Raw *eval.Scores `json:"raw,omitempty"`
	// EffectiveRank is the number of directions that the embedding uses.
	EffectiveRank float64 `json:"effective_rank"`
	// ViewRecall is the share of random views whose nearest neighbour is the other view of the same image. Nil: nothing is trained.
	ViewRecall *float64 `json:"view_recall,omitempty"`
	// Reliability is criteria.Reliability of some training images before any training. Nil: it was not measured.
	Reliability *float64 `json:"reliability,omitempty"`
}
