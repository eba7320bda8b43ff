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
		"an epoch here (--epochs N; of views of fewer pixels, --train-size N, it takes less)",
		t.train.Len(), roundly(epoch))
}

// manyImages is from how many training images on a run says early how long its passes over them will take.
const manyImages = 20_000

// foreseen is after how many images that is said: the first ones take longer.
const foreseen = 512

// foreseeing is progress that says once how long all of it will take, where there are many images.
func (t *Trainer) foreseeing(progress func(done, total int)) func(done, total int) {
	start, said := time.Now(), false
	return func(done, total int) {
		if progress != nil {
			progress(done, total)
		}
		if !said && done >= foreseen {
			said = true
			if text := foresee(done, total, t.train.Len(), time.Since(start)); text != "" {
				t.log.Info().Msg(text)
			}
		}
	}
}

// foresee says how long a pass of total of all images takes where done of them took so long; "" where they are not many.
func foresee(done, total, all int, took time.Duration) string {
	if all < manyImages {
		return ""
	}
	pass := time.Duration(float64(took) * float64(total) / float64(done))
	return fmt.Sprintf("%d training images: one pass over them through the network takes about %s here", all, roundly(pass))
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
