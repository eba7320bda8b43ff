package criteria

import (
	"fmt"
	"math"
)

// Margin is by how much of its own value the directions of pretrained features must be exceeded.
const Margin = 0.01

// Half is the share of the directions of a start from scratch that must be left: they are those of chance, and training loses some of them
// before it makes better ones.
const Half = 0.5

// KeepTrained says whether to keep the trained network and not what training started from, by their figures, and why, as the end of a
// sentence: its pooled features must use more directions (PooledRank) than (1 + Margin) of the start's, and its embedding more (Rank) than
// the start's; where the start was not pretrained, more than Half are enough of both. docs/selection.md has what this and other criteria
// would have kept.
func KeepTrained(start, trained *Figures, pretrained bool) (keep bool, why string) {
	features, embedding, than := 1+Margin, 1.0, ""
	if !pretrained {
		features, embedding, than = Half, Half, "half of "
	}
	switch {
	case !exceeds(trained.PooledRank, start.PooledRank, features):
		return false, fmt.Sprintf("with training the features would use %.1f directions, not clearly more than %sthe %.1f before it",
			trained.PooledRank, than, start.PooledRank)
	case !exceeds(trained.Rank, start.Rank, embedding):
		return false, fmt.Sprintf("with training the embedding would use %.1f directions, not more than %sthe %.1f before it",
			trained.Rank, than, start.Rank)
	}
	return true, fmt.Sprintf("its features use %.1f directions, more than %sthe %.1f before training, and its embedding %.1f, more than "+
		"%sthe %.1f", trained.PooledRank, than, start.PooledRank, trained.Rank, than, start.Rank)
}

// exceeds says whether after is a number above that share of before.
func exceeds(after, before, share float64) bool { return after > share*before && !math.IsInf(after, 0) }
