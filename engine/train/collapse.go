package train

import (
	"fmt"

	"udml-gpu/engine/method"
)

// collapsed is a Divergence when the epochs so far show a collapse. They are part of each checkpoint, so that a resumed run
// decides as it would have without the stop.
func (t *Trainer) collapsed() error {
	if err := t.methodCollapsed(); err != nil {
		return err
	}
	return t.rankCollapsed()
}

// methodCollapsed is a Divergence when the method's figures show a collapse.
func (t *Trainer) methodCollapsed() error {
	var epochs []method.EpochFigures
	for _, r := range t.state.History {
		epochs = append(epochs, method.EpochFigures{Epoch: r.Epoch, Figures: r.Health})
	}
	c := method.FiguresOf(t.method).Collapsed(epochs, t.train.Len())
	if c == nil {
		return nil
	}
	return &Divergence{
		Reason: c.Reason, Step: t.state.Step, Since: c.Since, Try: c.Try, Seen: "training collapsed: " + c.Seen, SavedBefore: true,
	}
}

// rankCollapsed is a Divergence when the last --collapse-evals evaluations of epochs found an effective rank below
// --collapse-rank. A rank of 1 is full collapse. It is nil where twice the threshold is more than the rank can be (the smaller
// of images and dimensions): there a low rank is no sign of collapse.
func (t *Trainer) rankCollapsed() error {
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
		Reason: rankReason, Step: t.state.Step, Since: since, Try: "a lower --lr or another --batch", SavedBefore: true,
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
