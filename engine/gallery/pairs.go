package gallery

import (
	"cmp"
	"fmt"
	"image"
	"slices"

	"udml-gpu/engine/collection/duplicates"
	"udml-gpu/engine/collection/neighbours"
	"udml-gpu/engine/data/rawname"
	"udml-gpu/engine/report"
)

// How many of the nearest pairs are compared by their pixels, and how many near duplicates are shown.
const pairsCompared, pairsShown = 500, 12

// samePicture is how well two pictures correlate that may be the same: stricter than duplicates.DefaultMatch, since nothing else is
// checked.
const samePicture = 0.98

// pair is two images of the cache.
type pair struct {
	a, b          int
	cosine, match float64
}

// pairs are the near duplicates among the nearest pairs.
func (g *Gallery) pairs(graph *neighbours.Graph) (report.Album, error) {
	edges := graph.Edges()
	edges = edges[:min(len(edges), pairsCompared)]
	images := map[int32]image.Image{}
	see := func(n int32) image.Image {
		if images[n] == nil {
			images[n] = g.cache.Image(int(g.images[n]))
		}
		return images[n]
	}
	var found []pair
	for _, e := range edges {
		if m := duplicates.Match(see(e.A), see(e.B), samePicture); m >= samePicture {
			found = append(found, pair{int(g.images[e.A]), int(g.images[e.B]), float64(e.Score), m})
		}
	}
	slices.SortStableFunc(found, func(x, y pair) int { return cmp.Compare(y.match, x.match) })
	a := report.Album{
		Title: "Near duplicates", Size: report.Small,
		Text: []string{fmt.Sprintf("Of the %d pairs of images that are most alike, %s. udml-gpu duplicates looks at all pairs of a "+
			"collection, at full size and with more care, and says which to keep.", len(edges), foundText(len(found)))},
	}
	for _, p := range found[:min(len(found), pairsShown)] {
		picture, err := g.both(p)
		if err != nil {
			return a, err
		}
		a.Pictures = append(a.Pictures, picture)
	}
	return a, nil
}

func foundText(n int) string {
	switch n {
	case 0:
		return "none look like the same picture"
	case 1:
		return "one may be the same picture twice"
	}
	return fmt.Sprintf("%d may be the same picture twice", n)
}

// both is a pair side by side.
func (g *Gallery) both(p pair) (report.Picture, error) {
	c := g.canvas(pitch+side, side)
	c.put(p.a, 0, 0, side)
	c.put(p.b, pitch, 0, side)
	picture, err := c.picture()
	picture.Note = fmt.Sprintf("%s and %s: cosine %.3f, the pictures correlate by %.2f",
		rawname.Text(g.cache.Name(p.a)), rawname.Text(g.cache.Name(p.b)), p.cosine, p.match)
	picture.About = "Two images side by side: " + picture.Note
	return picture, err
}
