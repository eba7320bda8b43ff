package eval

import (
	"context"

	"udml-gpu/kernels"
)

// EvaluateLabelled is Evaluate of the images that have a label: the others (-1) are left out of queries, gallery and clusters, as if
// the data set did not hold them. Scores.Images is how many there are.
func EvaluateLabelled(ctx context.Context, emb *kernels.Array, labels []int32, o Options) (Scores, error) {
	rows := labelledRows(labels)
	if len(rows) == len(labels) {
		return Evaluate(ctx, emb, labels, o)
	}
	labels, o = o.filled().among(rows, labels)
	if err := check(labels, newClasses(labels), o); err != nil { // before an array without rows is made
		return Scores{}, err
	}
	kept := sortRows(emb, rows, nil)
	defer kept.Free()
	return Evaluate(ctx, kept, labels, o)
}

// CheckLabelled says what makes scores of the labelled images impossible, as EvaluateLabelled would.
func CheckLabelled(labels []int32, o Options) error {
	kept, o := o.filled().among(labelledRows(labels), labels)
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

// among gives the labels and the roles of the rows alone, numbered anew.
func (o Options) among(rows, labels []int32) ([]int32, Options) {
	place := make([]int32, len(labels)) // where a row goes, counted from 1
	for i, row := range rows {
		place[row] = int32(i) + 1
	}
	o.Queries, o.Gallery = renumber(o.Queries, place), renumber(o.Gallery, place)
	return pick(labels, rows), o
}

// renumber are the new numbers of the rows that are kept; nil stays nil.
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
