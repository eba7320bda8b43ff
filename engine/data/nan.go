package data

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"udml-gpu/engine/data/notes"
)

// noLabelWords are what programs write as text for a missing label (pandas leaves the field empty). Here they are class names like
// any other, since a class may be called None.
var noLabelWords = []string{"nan", "none", "null", "na", "n/a", "<na>", "nat"}

// classesNamedNaN is the note on classes of a csv or jsonl list whose names are in noLabelWords.
func classesNamedNaN(records []record) []notes.Note {
	count, names, images := map[string]int{}, []string{}, 0
	for _, r := range records {
		if slices.Contains(noLabelWords, strings.ToLower(strings.TrimSpace(r.class))) {
			count[r.class]++
			images++
			if len(names) < notes.MaxExamples {
				names = append(names, r.name)
			}
		}
	}
	if images == 0 {
		return nil
	}
	return []notes.Note{{
		Reason: notes.ReasonNaN, Count: images, Examples: names, Warning: true,
		Message: fmt.Sprintf("images of a class named %s: %d%s; it is a class like any other, leave the label empty (in jsonl: null) "+
			"where there is none", strings.Join(slices.Sorted(maps.Keys(count)), " or "), images, notes.ExamplesText(names, images)),
	}}
}
