package eval

import (
	"context"

	"udml-gpu/kernels"
)

// EvaluateLabelled is Evaluate of the images that have a label: the others (-1) are left out of queries, gallery and clusters, as if
// the data set did not hold them. Scores.Images is the number of labelled images.
func EvaluateLabelled(ctx context.Context, emb *kernels.Array, labels []int32, o Options) (Scores, error) {
	rows := labelledRows(labels)
	if len(rows) == len(labels) {
		return Evaluate(ctx, emb, labels, o)
	}
	labels, o = o.withDefaults().restrictTo(rows, labels)
	if err := check(labels, newClasses(labels), o); err != nil { // avoids making an array without rows
		return Scores{}, err
	}
	kept := sortRows(emb, rows, nil)
	defer kept.Free()
	return Evaluate(ctx, kept, labels, o)
}

// CheckLabelled is the error of EvaluateLabelled where the labelled images cannot be scored.
func CheckLabelled(labels []int32, o Options) error {
	kept, o := o.withDefaults().restrictTo(labelledRows(labels), labels)
	return check(kept, newClasses(kept), o)
}

// labelledRows are the numbers of the images that have a label, ascending.
func labelledRows(labels []int32) []int32 {
	rows := make([]int32, 0, len(labels))
	for i, l := range labels {
		if l >= 0 {
			rows = append(rows, int32(i))
		}
	}
	return rows
}

// restrictTo gives the labels and the roles of only the given rows, renumbered.
func (o Options) restrictTo(rows, labels []int32) ([]int32, Options) {
	place := make([]int32, len(labels)) // new number of a row, from 1
	for i, row := range rows {
		place[row] = int32(i) + 1
	}
	o.Queries, o.Gallery = renumber(o.Queries, place), renumber(o.Gallery, place)
	return pick(labels, rows), o
}

// renumber maps the rows that are kept to their new numbers; nil stays nil.
func renumber(rows, place []int32) []int32 {
	if rows == nil {
		return nil
	}
	kept := []int32{}
	for _, row := range rows {
		if place[row] > 0 {
			kept = append(kept, place[row]-1)
		}
	}
	return kept
}
