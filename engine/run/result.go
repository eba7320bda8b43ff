package run

import (
	"fmt"

	"udml-gpu/engine/data/notes"
)

// Result is what a finished run reports.
type Result struct {
	Before  *Quality `json:"before"`
	After   *Quality `json:"after"`
	Epochs  int      `json:"epochs"`
	Seconds float64  `json:"seconds"`
	Run     string   `json:"run"`
	// Warnings say plainly where the result looks worse than what it started from.
	Warnings []string `json:"warnings,omitempty"`
	// Oracle marks a run that was trained on true labels.
	Oracle bool `json:"oracle,omitempty"`
	// Images that could not be read.
	SkippedImages int `json:"skipped_images,omitempty"`
	// Unlabelled images of those that quality was measured on take no part in the scores.
	Unlabelled int `json:"unlabelled_images,omitempty"`
	// Notes are what of the data set is not used, and doubts about how it was read. A checkpoint does not keep them: they are about
	// where the images lie now.
	Notes []notes.Note `json:"notes,omitempty"`
}

// Noted is the result with the notes on the data set.
func (r Result) Noted(notes []notes.Note) *Result {
	r.Notes = notes
	return &r
}

// Judge compares the result with what it started from.
func (r *Result) Judge() {
	b, a := r.Before, r.After
	if b.Scores == nil || a.Scores == nil {
		r.judgeWithoutLabels()
		return
	}
	best, name := b.Scores.Recall[1], "the embedding before training"
	if b.Pooled != nil && b.Pooled.Recall[1] > best {
		best, name = b.Pooled.Recall[1], "the pooled features before training"
	}
	if b.Whitened != nil && b.Whitened.Recall[1] > best {
		best, name = b.Whitened.Recall[1], "the whitened features before training"
	}
	if a.Scores.Recall[1] < best {
		r.Warnings = append(r.Warnings, fmt.Sprintf(
			"the result looks worse than what it started from: Recall@1 %.3f, and %s had %.3f; try a lower --lr or --epochs 0",
			a.Scores.Recall[1], name, best))
	}
}

// judgeWithoutLabels goes by the label-free figures: a collapsing embedding, or views that no longer find each other.
func (r *Result) judgeWithoutLabels() {
	b, a := r.Before, r.After
	if a.EffectiveRank < 0.5*b.EffectiveRank {
		r.Warnings = append(r.Warnings, fmt.Sprintf(
			"the result looks worse than what it started from: the embedding uses %.1f directions, %.1f before training; try a lower --lr",
			a.EffectiveRank, b.EffectiveRank))
	}
	if a.ViewRecall < b.ViewRecall-0.02 {
		r.Warnings = append(r.Warnings, fmt.Sprintf(
			"the result looks worse than what it started from: two views of one image find each other %.1f%% of the time, %.1f%% before training; try a lower --lr",
			100*a.ViewRecall, 100*b.ViewRecall))
	}
}
