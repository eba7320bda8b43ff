package gallery

import (
	"fmt"
	"slices"
	"strings"

	"udml-gpu/engine/data/rawname"
	"udml-gpu/engine/report"
	"udml-gpu/engine/run"
)

// labelRoom is the room for a word at the left of a row.
const labelRoom = 58

// strips are the sampled queries, each with its nearest images before, where that is known, and after.
func (g *Gallery) strips(before, after *run.Look) (report.Album, error) {
	a := report.Album{Title: "Images and those most like them"}
	looks, words := []*run.Look{after}, []string{"after"}
	if before != nil && slices.Equal(before.Queries, after.Queries) {
		looks, words = []*run.Look{before, after}, []string{"before", "after"}
		a.Text = append(a.Text, fmt.Sprintf("Above: %s. Below: %s.", before.Of, after.Of))
	} else {
		words[0] = ""
	}
	text := fmt.Sprintf("%d images, drawn at random, and the %d most like each, best first", len(after.Queries), neighboursShown)
	if !g.whole() {
		text += fmt.Sprintf(", of a sample of %d of the %d images", len(g.images), g.cache.Len())
	}
	if text += "."; g.classes {
		text += " A whole frame with a tick is of the same class, a broken one with a cross is of another; what has no label has no frame."
	}
	a.Text = append(a.Text, text)
	for q := range after.Queries {
		p, err := g.strip(q, looks, words)
		if err != nil {
			return a, err
		}
		a.Pictures = append(a.Pictures, p)
	}
	return a, nil
}

// strip is query q with a row of neighbours for each look.
func (g *Gallery) strip(q int, looks []*run.Look, words []string) (report.Picture, error) {
	query := int(looks[0].Queries[q])
	height := len(looks)*pitch - gap
	left := height + wide
	c := g.canvas(left+neighboursShown*pitch-gap, height)
	c.put(query, 0, 0, height)
	var marks []report.Mark
	var labels []report.Label
	var found []string
	for row, l := range looks {
		y := row * pitch
		labels = append(labels, report.Label{X: -labelRoom, Y: y + side/2 + 4, Text: words[row]})
		right, known := 0, 0
		for k, n := range l.Near[q] {
			x := left + k*pitch
			c.put(int(n), x, y, side)
			if same, ok := g.alike(query, int(n)); ok {
				marks = append(marks, markAt(x, y, same))
				if known++; same {
					right++
				}
			}
		}
		if known > 0 {
			found = append(found, fmt.Sprintf("%s %d of %d of its class", words[row], right, known))
		}
	}
	p, err := c.picture()
	p.Title, p.Marks, p.Labels, p.Indent = rawname.Text(g.cache.Name(query)), marks, labels, labelRoom
	if words[0] == "" {
		p.Indent, p.Labels = 0, nil
	}
	p.Note = noteOf(q, looks, found)
	p.About = fmt.Sprintf("The image %s and the images most like it: %s", p.Title, p.Note)
	return p, err
}

// noteOf says in words how the rows of a strip differ.
func noteOf(q int, looks []*run.Look, found []string) string {
	var parts []string
	if len(found) > 0 {
		parts = append(parts, strings.Join(found, ", "))
	}
	last := looks[len(looks)-1]
	if len(looks) == 2 {
		fresh := 0
		for _, n := range last.Near[q] {
			if !slices.Contains(looks[0].Near[q], n) {
				fresh++
			}
		}
		parts = append(parts, fmt.Sprintf("%d of %d are new", fresh, len(last.Near[q])))
	}
	if n := len(last.Cosine[q]); n > 0 {
		parts = append(parts, fmt.Sprintf("cosines %.2f to %.2f", last.Cosine[q][0], last.Cosine[q][n-1]))
	}
	return strings.Join(parts, "; ")
}
