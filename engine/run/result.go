package run

import (
	"fmt"

	"udml-gpu/engine/data/notes"
)

// Result is what a finished run reports.
type Result struct {
	Before  *Quality `json:"before"`
	After   *Quality `json:"after"`
	Choice  *Choice  `json:"choice,omitempty"` // of the network that After is of; nil where nothing was trained
	Epochs  int      `json:"epochs"`
	Seconds float64  `json:"seconds"`
	Run     string   `json:"run"` // as rawname.Text
	// Warnings say where the result looks worse than what it started from.
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

// Judge adds a warning for each way in which the result looks worse than what it started from.
func (r *Result) Judge() {
	b, a := r.Before, r.After
	if b.Scores == nil || a.Scores == nil {
		r.judgeWithoutLabels()
		return
	}
	best, name := b.best()
	if a.Scores.Recall[1] < best {
		r.Warnings = append(r.Warnings, fmt.Sprintf(
			"the result looks worse than what it started from: Recall@1 %.3f, and %s before training had %.3f; try a lower --lr or "+
				"--epochs 0",
			a.Scores.Recall[1], name, best))
	}
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
