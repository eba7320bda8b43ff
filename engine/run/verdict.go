package run

import (
	"fmt"
	"math"
	"strings"

	"udml-gpu/engine/eval"
	"udml-gpu/engine/report"
	"udml-gpu/engine/setting"
)

// outcome is how an embedding compares with what training started from.
type outcome int

const (
	worse outcome = iota - 1
	alike
	better
)

// viewMargin is the difference between two shares of views that find each other which is not yet one: they are of few, random views. The
// share is what training optimises, so that only its fall says something: that of a collapse.
const viewMargin = 0.02

// compared is the outcome by Recall@1 with labels: that of the test (Change), or where there is none whether the shares of n images are
// more than two standard errors of their difference apart, as if the images were drawn independently. Without labels it is what was chosen
// (Choice), unless the embedding has collapsed.
func (r *Result) compared() outcome {
	b, a := r.Before, r.After
	switch {
	case r.Change != nil:
		return outcome(r.Change.Sign())
	case a.Scores != nil && b.Scores != nil:
		start, _ := b.best()
		before, after := start.Recall[1], a.Recall[1]
		margin := 2 * math.Sqrt((before*(1-before)+after*(1-after))/float64(max(1, a.Images)))
		return outcome(eval.Interval{Low: after - before - margin, High: after - before + margin}.Sign())
	case r.collapsed():
		return worse
	case r.Choice.foundBetter():
		return better
	}
	return alike
}

// collapsed says whether the embedding has lost half of its directions, or views find each other clearly less often than before.
func (r *Result) collapsed() bool {
	b, a := r.Before, r.After
	views := a.ViewRecall != nil && b.ViewRecall != nil && *a.ViewRecall < *b.ViewRecall-viewMargin
	return a.EffectiveRank < 0.5*b.EffectiveRank || views
}

// best are the scores of the embedding, the pooled or the whitened features, of which Recall@1 is largest, and the name of what has them.
func (q *Quality) best() (s *eval.Scores, name string) {
	s, name = q.Scores, "the embedding"
	if q.Pooled != nil && q.Pooled.Recall[1] > s.Recall[1] {
		s, name = q.Pooled, "the pooled features"
	}
	if q.Whitened != nil && q.Whitened.Recall[1] > s.Recall[1] {
		s, name = q.Whitened, "the whitened features"
	}
	return s, name
}

// BestByClass is what the best features have found, by class; nil without scores, and of scores that were read from a file.
func (q *Quality) BestByClass() *eval.ClassSums {
	if q.Scores == nil {
		return nil
	}
	s, _ := q.best()
	return s.ByClass
}

// lead says in plain words what the run has come to.
func (t *Sheet) lead() []string {
	r := t.State.Result
	switch {
	case r == nil:
		return []string{fmt.Sprintf("The run is not finished: %d of %d epochs are done.", t.State.Epoch, t.Config.Epochs)}
	case t.Config.Epochs == 0:
		return append([]string{fmt.Sprintf("Nothing was trained: the embedding is the features of %s, whitened on %s.",
			t.Config.Backbone, report.Count(t.Train.Len(), "image"))}, measuredText(r.After)...)
	}
	text := fmt.Sprintf("%s was trained on %s in %d epochs by %s. ",
		t.Config.Backbone, report.Count(t.Train.Len(), "image"), r.Epochs, t.Config.Method)
	if r.Choice != nil && r.Choice.Text != "" { // a damaged checkpoint may lack it
		text += strings.ToUpper(r.Choice.Text[:1]) + r.Choice.Text[1:] + ". "
	}
	if r.Choice == nil || r.Choice.Share > 0 {
		text += map[outcome]string{
			better: "The embedding is better than what training started from.",
			alike:  "The embedding is about as good as what training started from.",
			worse:  "The embedding is worse than what training started from.",
		}[r.compared()]
	}
	return append([]string{strings.TrimSpace(text)}, changedText(r)...)
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
		lines := []string{fmt.Sprintf("The image most like another is of the same class in %.1f%% of cases; before training, with %s, in "+
			"%.1f%%.", 100*a.Recall[1], name, 100*start.Recall[1])}
		if text := r.ChangeText(); text != "" {
			lines = append(lines, text+".")
		}
		return lines
	}
	return measuredText(a)
}

// next are the commands that one is likely to want now.
func (t *Sheet) next() []report.Command {
	dir := shellWord(t.Dir)
	r := t.State.Result
	switch {
	case r == nil:
		return []report.Command{{About: "go on with the run", Line: "udml-gpu train --resume " + dir}}
	case t.Config.Epochs > 0 && (r.compared() == worse || r.Choice.keptStart()):
		return append([]report.Command{
			{About: "train more gently", Line: t.again("gentle", fmt.Sprintf("--lr %.3g", t.Config.LR/10))},
			{About: "or use the network as it is", Line: t.again("untrained", "--epochs 0")},
		}, t.compare("gentle"))
	}
	use := []report.Command{
		{
			About: "make a collection of the images, with this embedding",
			Line:  fmt.Sprintf("udml-gpu embed --run %s --data %s --out photos.udml", dir, shellWord(t.Config.Data)),
		},
		{About: "find images like one", Line: "udml-gpu search photos.udml IMAGE"},
	}
	if t.Config.Epochs == 0 {
		return append(use, report.Command{
			About: "see whether training makes it better",
			Line:  t.again("trained", "--epochs 2 --method mutual --optimizer adamw --lr 1e-4 --weight-decay 0.01"),
		}, t.compare("trained"))
	}
	return append(use, report.Command{
		About: "train for longer", Line: fmt.Sprintf("udml-gpu train --resume %s --epochs %d", dir, 2*t.Config.Epochs),
	})
}

// again is the command for a run with the same settings except for those flags, in a folder beside this one.
func (t *Sheet) again(suffix, flags string) string {
	settings := shellWord(t.Dir + "/" + setting.ConfigFile)
	return fmt.Sprintf("udml-gpu train --config %s %s --out %s", settings, flags, shellWord(t.Dir+"-"+suffix))
}

func (t *Sheet) compare(suffix string) report.Command {
	return report.Command{
		About: "and compare", Line: fmt.Sprintf("udml-gpu runs compare %s %s", shellWord(t.Dir), shellWord(t.Dir+"-"+suffix)),
	}
}

// shellWord is a text as one word of a shell.
func shellWord(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:,+@=") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
