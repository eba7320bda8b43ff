package run

import (
	"fmt"
	"math"
	"strings"

	"udml-gpu/engine/report"
)

// outcome is how an embedding compares with what training started from.
type outcome int

const (
	worse outcome = iota - 1
	alike
	better
)

// viewMargin is the difference between two shares of views that find each other which is not yet one: they are of few, random views.
const viewMargin = 0.02

// compared is the outcome by Recall@1 with labels, and by the views that find each other without. Shares of n images differ when they are
// more than two standard errors of their difference apart, as if the images were drawn independently.
func (r *Result) compared() outcome {
	b, a := r.Before, r.After
	margin, before, after := viewMargin, 0.0, 0.0
	switch {
	case a.Scores != nil && b.Scores != nil:
		before, _ = b.best()
		after = a.Recall[1]
		margin = 2 * math.Sqrt((before*(1-before)+after*(1-after))/float64(max(1, a.Images)))
	case a.ViewRecall != nil && b.ViewRecall != nil:
		before, after = *b.ViewRecall, *a.ViewRecall
		if a.EffectiveRank < 0.5*b.EffectiveRank {
			return worse
		}
	}
	switch {
	case after > before+margin:
		return better
	case after < before-margin:
		return worse
	}
	return alike
}

// best is the largest Recall@1 of the embedding, the pooled and the whitened features, and the name of what has it.
func (q *Quality) best() (recall float64, name string) {
	recall, name = q.Recall[1], "the embedding"
	if q.Pooled != nil && q.Pooled.Recall[1] > recall {
		recall, name = q.Pooled.Recall[1], "the pooled features"
	}
	if q.Whitened != nil && q.Whitened.Recall[1] > recall {
		recall, name = q.Whitened.Recall[1], "the whitened features"
	}
	return recall, name
}

// lead says in plain words what the run has come to.
func (t *Sheet) lead() []string {
	r := t.State.Result
	switch {
	case r == nil:
		return []string{fmt.Sprintf("The run is not finished: %d of %d epochs are done.", t.State.Epoch, t.Config.Epochs)}
	case t.Config.Epochs == 0:
		return append([]string{fmt.Sprintf("Nothing was trained: the embedding is the features of %s, whitened on %s.",
			t.Config.Backbone, imagesOf(t.Train.Len()))}, measuredText(r.After)...)
	}
	text := fmt.Sprintf("%s was trained on %s in %d epochs by %s. ", t.Config.Backbone, imagesOf(t.Train.Len()), r.Epochs, t.Config.Method)
	text += map[outcome]string{
		better: "The embedding is better than what training started from.",
		alike:  "The embedding is about as good as what training started from.",
		worse:  "The embedding is worse than what training started from.",
	}[r.compared()]
	return append([]string{text}, changedText(r)...)
}

func imagesOf(n int) string {
	if n == 1 {
		return "1 image"
	}
	return fmt.Sprintf("%d images", n)
}

// measuredText says what the figures of q mean.
func measuredText(q *Quality) []string {
	if q.Scores == nil {
		return []string{fmt.Sprintf("There are no labels to measure with. It uses about %.0f directions.", q.EffectiveRank)}
	}
	return []string{fmt.Sprintf("With the labels that are known, the image most like another is of the same class in %.1f%% of cases.",
		100*q.Recall[1])}
}

// changedText says how the figures have changed.
func changedText(r *Result) []string {
	b, a := r.Before, r.After
	switch {
	case a.Scores != nil && b.Scores != nil:
		start, name := b.best()
		return []string{fmt.Sprintf("The image most like another is of the same class in %.1f%% of cases; before training, with %s, in %.1f%%.",
			100*a.Recall[1], name, 100*start)}
	case a.ViewRecall != nil && b.ViewRecall != nil:
		return []string{fmt.Sprintf("There are no labels to measure with. Two random views of an image find each other %.1f%% of the time, "+
			"%.1f%% before training.", 100**a.ViewRecall, 100**b.ViewRecall)}
	}
	return measuredText(a)
}

// next are the commands that one is likely to want now.
func (t *Sheet) next() []report.Command {
	dir, images := shellWord(t.Dir), shellWord(t.Config.Data)
	use := []report.Command{
		{About: "make a collection of the images, with this embedding", Line: fmt.Sprintf("udml-gpu embed --run %s --data %s --out photos.udml", dir, images)},
		{About: "find images like one", Line: "udml-gpu search photos.udml IMAGE"},
	}
	switch r := t.State.Result; {
	case r == nil:
		return []report.Command{{About: "go on with the run", Line: "udml-gpu train --resume " + dir}}
	case t.Config.Epochs == 0:
		return append(use, report.Command{
			About: "see whether training makes it better",
			Line:  fmt.Sprintf("udml-gpu train --data %s --method cbswr --epochs 5 --out %s", images, shellWord(t.Dir+"-trained")),
		}, report.Command{About: "and compare", Line: fmt.Sprintf("udml-gpu runs compare %s %s", dir, shellWord(t.Dir+"-trained"))})
	case r.compared() == worse:
		gentle := shellWord(t.Dir + "-gentle")
		return []report.Command{
			{About: "train more gently", Line: fmt.Sprintf("udml-gpu train --config %s --lr %.3g --out %s", shellWord(t.Dir+"/config.yaml"), t.Config.LR/10, gentle)},
			{About: "or use the network as it is", Line: fmt.Sprintf("udml-gpu train --data %s --epochs 0 --out %s", images, shellWord(t.Dir+"-untrained"))},
			{About: "and compare", Line: fmt.Sprintf("udml-gpu runs compare %s %s", dir, gentle)},
		}
	}
	return append(use, report.Command{
		About: "train for longer", Line: fmt.Sprintf("udml-gpu train --resume %s --epochs %d", dir, 2*t.Config.Epochs),
	})
}

// shellWord is a text as one word of a shell.
func shellWord(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:,+@=") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
