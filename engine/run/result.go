package run

import (
	"fmt"

	"udml-gpu/engine/data/notes"
	"udml-gpu/engine/eval"
)

// Result is what a finished run reports.
type Result struct {
	Before  *Quality `json:"before"`
	After   *Quality `json:"after"`
	Choice  *Choice  `json:"choice,omitempty"` // of the network that After is of; nil where nothing was trained
	Epochs  int      `json:"epochs"`
	Seconds float64  `json:"seconds"`
	Run     string   `json:"run"` // as rawname.Text
	// Change is how Recall@1 of After differs from the best of Before; nil where it was not tested.
	Change *eval.Difference `json:"change,omitempty"`
	// Warnings say where the result is worse than what it started from.
	Warnings []string `json:"warnings,omitempty"`
	// Oracle marks a run that was trained on true labels.
	Oracle bool `json:"oracle,omitempty"`
	// SkippedImages is the number of images that could not be read.
	SkippedImages int `json:"skipped_images,omitempty"`
	// Unlabelled is the number of images without a label among those that quality was measured on. The scores leave them out.
	Unlabelled int `json:"unlabelled_images,omitempty"`
	// Notes name parts of the data set that are not used, and doubts about how it was read. A checkpoint does not keep them, since
	// the images may lie elsewhere later.
	Notes []notes.Note `json:"notes,omitempty"`
}

// Noted is the result with the notes on the data set.
func (r Result) Noted(notes []notes.Note) *Result {
	r.Notes = notes
	return &r
}

// Judge tests what has changed since training began, and adds a warning for each way in which the result is worse. start is what the best
// features before training have found, by class; nil where it is not known.
func (r *Result) Judge(start *eval.ClassSums) {
	if r.Before.Scores == nil || r.After.Scores == nil {
		r.judgeWithoutLabels()
		return
	}
	r.Change = changeSince(start, r.After.ByClass)
	if r.compared() != worse {
		return
	}
	best, name := r.Before.best()
	text := fmt.Sprintf("Recall@1 %.3f, and %s before training had %.3f", r.After.Recall[1], name, best.Recall[1])
	if r.Change != nil {
		text += fmt.Sprintf(" (95 %% interval of the difference %+.3f to %+.3f)", r.Change.Low, r.Change.High)
	}
	if r.Choice != nil {
		text += "; try a lower --lr or --epochs 0"
	}
	r.Warnings = append(r.Warnings, "the result is worse than what it started from: "+text)
}

// changeSince is how Recall@1 has changed; nil where that cannot be tested.
func changeSince(start, end *eval.ClassSums) *eval.Difference {
	if start == nil || end == nil {
		return nil
	}
	list, err := eval.Differences(start, end)
	if err != nil || list[0].K != 1 {
		return nil
	}
	return &list[0]
}

// ChangeText says how Recall@1 has changed since training began; "" where that was not tested.
func (r *Result) ChangeText() string {
	c := r.Change
	if c == nil || r.Before.Scores == nil {
		return ""
	}
	_, name := r.Before.best()
	return fmt.Sprintf("Recall@1 differs by %+.3f from that of %s before training, 95 %% interval %+.3f to %+.3f: %s",
		c.Difference, name, c.Low, c.High, map[outcome]string{
			better: "it is better", alike: eval.NoDifference, worse: "it is worse",
		}[r.compared()])
}

// judgeWithoutLabels compares the figures that need no labels: an embedding that collapses, or views that find each other
// less often.
func (r *Result) judgeWithoutLabels() {
	b, a := r.Before, r.After
	if a.EffectiveRank < 0.5*b.EffectiveRank {
		r.Warnings = append(r.Warnings, fmt.Sprintf(
			"the result looks worse than what it started from: the embedding uses %.1f directions, %.1f before training; try a lower --lr",
			a.EffectiveRank, b.EffectiveRank))
	}
	if a.ViewRecall != nil && b.ViewRecall != nil && *a.ViewRecall < *b.ViewRecall-viewMargin {
		r.Warnings = append(r.Warnings, fmt.Sprintf(
			"the result looks worse than what it started from: two views of one image find each other %.1f%% of the time, "+
				"%.1f%% before training; try a lower --lr",
			100**a.ViewRecall, 100**b.ViewRecall))
	}
}
