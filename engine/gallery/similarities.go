package gallery

import (
	"slices"

	"udml-gpu/engine/report"
	"udml-gpu/engine/run"
)

// similarities are the histograms of cosines, before, where that is known, and after.
func (g *Gallery) similarities(before, after *run.Look) report.Album {
	a := report.Album{
		Title: "How similar images are",
		Text: []string{"How often each cosine occurs, in steps of 0.02, beside the most frequent: 1 is the same direction, 0 none in " +
			"common. An embedding that tells images apart has nearest ones far to the right of any two."},
	}
	type pick struct {
		name string
		of   func(*run.Cosines) []float64
	}
	for _, c := range []struct {
		title string
		lines []pick
	}{
		{"Cosine of the nearest image, and of any two", []pick{
			{"nearest", func(c *run.Cosines) []float64 { return c.Nearest }}, {"any two", func(c *run.Cosines) []float64 { return c.All }},
		}},
		{"Cosine of two images by class", []pick{
			{"same class", func(c *run.Cosines) []float64 { return c.Same }},
			{"different classes", func(c *run.Cosines) []float64 { return c.Other }},
		}},
	} {
		chart := report.Chart{Title: c.title, XLabel: "cosine", Curve: true}
		for _, l := range []struct {
			when string
			look *run.Look
		}{{"before", before}, {"after", after}} {
			for _, p := range c.lines {
				if l.look != nil && p.of(&l.look.Cosines) != nil {
					chart.Lines = append(chart.Lines, outline(l.when+": "+p.name, p.of(&l.look.Cosines), l.when == "before"))
				}
			}
		}
		if len(chart.Lines) > 0 {
			a.Charts = append(a.Charts, chart)
		}
	}
	return a
}

// outline is a histogram as a line of height 1, from the bin before its first to the one after its last.
func outline(name string, shares []float64, dashed bool) report.Line {
	line := report.Line{Name: name, Dashed: dashed}
	first, last, most := len(shares), -1, slices.Max(shares)
	for i, v := range shares {
		if v > 0 {
			first, last = min(first, i), i
		}
	}
	for i := first - 1; i <= last+1; i++ {
		v := 0.0
		if i >= 0 && i < len(shares) {
			v = shares[i] / most
		}
		line.X = append(line.X, (float64(i)+0.5)*2/run.CosineBins-1)
		line.Y = append(line.Y, v)
	}
	return line
}
