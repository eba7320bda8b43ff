package criteria

import (
	"fmt"
	"math"
)

// Margin is by how much of its own value the directions of a start from scratch must be exceeded.
const Margin = 0.01

// KeptDirections is the share of the start's directions that the embedding of a proven way to train must still use.
const KeptDirections = 0.75

// Origin is what is known of training before anything is measured.
type Origin int

// What training may have begun with.
const (
	FromScratch    Origin = iota
	FromPretrained        // from pretrained weights
	Proven                // from pretrained weights, by a method that gained on nearly every set that it was calibrated on
)

// KeepTrained says whether to keep the trained network and not what training started from, by their figures, and why, as the end of a
// sentence. From pretrained weights the product of Rank, how many directions the embedding uses, and Overlap, how many of an image's
// neighbours stay when the picture changes, must be larger than the start's: training that only spreads images out, or only draws them
// together, raises one and lowers the other. The backbone of a proven method is kept unless the embedding uses far fewer directions
// (KeptDirections), as it does where the rate was too high. From scratch the pooled features must use more directions (PooledRank) than
// (1 + Margin) of the start's. docs/selection.md has what this and other criteria would have kept.
func KeepTrained(start, trained *Figures, origin Origin) (keep bool, why string) {
	switch origin {
	case FromScratch:
		return keepFromScratch(start.PooledRank, trained.PooledRank)
	case Proven:
		return keepProven(start.Rank, trained.Rank)
	}
	before := fmt.Sprintf("the %.1f and %.1f %%", start.Rank, 100*start.Overlap)
	after := fmt.Sprintf("%.1f directions and keep %.1f %% of an image's neighbours when the picture changes, in product", trained.Rank,
		100*trained.Overlap)
	if !exceeds(trained.Rank*trained.Overlap, start.Rank*start.Overlap) {
		return false, fmt.Sprintf("with training the embedding would use %s not more than %s before it", after, before)
	}
	return true, fmt.Sprintf("the embedding came to use %s more than %s before training", after, before)
}

func keepFromScratch(before, after float64) (keep bool, why string) {
	if !exceeds(after, (1+Margin)*before) {
		return false, fmt.Sprintf("with training the features would use %.1f directions, not clearly more than the %.1f before it",
			after, before)
	}
	return true, fmt.Sprintf("its features use %.1f directions, clearly more than the %.1f before training", after, before)
}

func keepProven(before, after float64) (keep bool, why string) {
	if !exceeds(after, KeptDirections*before) {
		return false, fmt.Sprintf("with training the embedding would use %.1f directions, far fewer than the %.1f before it", after, before)
	}
	return true, fmt.Sprintf("its method gained on nearly every set that it was measured on, and the embedding uses %.1f directions, "+
		"not far fewer than the %.1f before training", after, before)
}

// exceeds says whether after is a number above before.
func exceeds(after, before float64) bool { return after > before && !math.IsInf(after, 0) }
