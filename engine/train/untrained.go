package train

import (
	"fmt"
	"time"
)

// stepCost is the time of a training step beside that of the evaluation of as many views: a forward pass and, for the gradients of
// maps and of filters, two more of its size.
const stepCost = 3

// tellUntrained says, at the end of a run of no epochs, that its embedding is the whitened features and what training would cost.
// seconds is how long all training images took to pass through the network once.
func (t *Trainer) tellUntrained(seconds float64) {
	if t.Network.Config.Epochs > 0 || seconds == 0 {
		return
	}
	epoch := time.Duration(seconds * stepCost * float64(len(t.views)) * float64(time.Second))
	t.log.Info().Msgf("nothing was trained: the embedding is the backbone's features, whitened on %d images. Training would take about %s "+
		"an epoch here (--epochs N); where it was measured, larger images gained more (docs/backbones.md)",
		t.train.Len(), roundly(epoch))
}

// roundly is d to one unit: seconds below two minutes, minutes below two hours, then hours.
func roundly(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", max(1, int(d.Round(time.Second).Seconds())))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Round(time.Minute).Minutes()))
	}
	return fmt.Sprintf("%d h", int(d.Round(time.Hour).Hours()))
}
