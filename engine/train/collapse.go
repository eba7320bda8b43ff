package train

import "fmt"

// collapseImages is the least number of images of which one cluster says anything: so many fall into one of two by chance in
// one epoch of 32768.
const collapseImages = 16

// collapsed looks for a collapse in the epochs so far. They are part of a checkpoint, so a resumed run sees what it would have
// seen without the stop.
func (t *Trainer) collapsed() error {
	if err := t.oneCluster(); err != nil {
		return err
	}
	return t.fewDirections()
}

// oneCluster is a Divergence when all images of each of the last --collapse-epochs epochs fell into one cluster. With one
// cluster, or a handful of images, that is no news.
func (t *Trainer) oneCluster() error {
	c, h := t.Network.Config, t.state.History
	n := c.CollapseEpochs
	if n == 0 || len(h) < n || c.Clusters == 1 || t.train.Len() < collapseImages {
		return nil
	}
	for _, r := range h[len(h)-n:] {
		if r.Health.LiveClustersEpoch != 1 {
			return nil
		}
	}
	since := h[len(h)-n].Epoch
	return &Divergence{
		Reason: clusterReason, Step: t.state.Step, Since: since, Try: "a lower --lr, a larger --batch or another --clusters",
		Seen: fmt.Sprintf("training collapsed: all images fell into one of %d clusters in %s (--collapse-epochs %d)", c.Clusters, epochsText(since, t.state.Epoch), n),
	}
}

// fewDirections is a Divergence when the last --collapse-evals evaluations of epochs found an effective rank below
// --collapse-rank. A rank of 1 is full collapse. Where a rank of twice the threshold cannot be reached, a low one says nothing.
func (t *Trainer) fewDirections() error {
	c := t.Network.Config
	n, low, since := c.CollapseEvals, 0, 0
	if n == 0 || c.CollapseRank == 0 || float64(min(t.test.Len(), c.Dim)) < 2*c.CollapseRank {
		return nil
	}
	for _, r := range t.state.History {
		switch {
		case r.Quality == nil:
		case r.Quality.EffectiveRank >= c.CollapseRank:
			low = 0
		default:
			if low++; low == 1 {
				since = r.Epoch
			}
		}
	}
	if low < n {
		return nil
	}
	return &Divergence{
		Reason: rankReason, Step: t.state.Step, Since: since, Try: "a lower --lr or another --batch",
		Seen: fmt.Sprintf("training collapsed: the effective rank of the embedding was below %g at %d evaluations in a row, "+
			"%.2f at the last (--collapse-rank, --collapse-evals)", c.CollapseRank, low, t.lastRank()),
	}
}

// lastRank is the effective rank that the last evaluation found.
func (t *Trainer) lastRank() float64 {
	rank := 0.0
	for _, r := range t.state.History {
		if r.Quality != nil {
			rank = r.Quality.EffectiveRank
		}
	}
	return rank
}

func epochsText(from, to int) string {
	if from == to {
		return fmt.Sprintf("epoch %d", from)
	}
	return fmt.Sprintf("epochs %d to %d", from, to)
}
