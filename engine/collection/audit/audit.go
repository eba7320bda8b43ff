// Package audit finds what may be wrong with the images of a collection.
package audit

import (
	"context"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/neighbours"
	"udml-gpu/engine/data/rawname"
	"udml-gpu/engine/images"
	"udml-gpu/kernels"
)

// Finding is something about an image that is worth a look.
type Finding struct {
	Kind string  `json:"kind"` // of Kinds
	Path string  `json:"path"` // as rawname.Text
	Why  string  `json:"why"`
	With string  `json:"with,omitempty"` // the other image of a pair
	By   float64 `json:"value"`          // what it was found by
}

// Kinds are the kinds of findings in the order of a report.
var Kinds = []string{
	"damaged", "leakage", "label", "outlier", "blurred", "dark", "light", "low_information", "odd_size", "odd_aspect",
}

// Report is all that was found.
type Report struct {
	Images   int            `json:"images"`
	Counts   map[string]int `json:"counts"`
	Findings []Finding      `json:"findings"` // by kind, the clearest first
}

// The limits. Those that are relative are so to the median of the collection, since photos, scans and drawings differ.
const (
	graphNeighbours = 10
	outlierSpread   = 5.0  // median absolute deviations below the median of the mean cosine to the neighbours
	leakCosine      = 0.95 // of images of different splits that count as one
	leakBits        = 6    // of the perceptual hash in which they may differ
	labelShare      = 0.8  // of the neighbours that have one other label
	ownShare        = 0.1  // of the neighbours that have the image's own label, at most
	blurShare       = 0.2  // of the median sharpness
	darkest         = 0.2  // brightness plus two contrasts
	lightest        = 0.92 // brightness minus two contrasts
	leastEntropy    = 1.0  // bits
	sizeRatio       = 10.0 // pixels above or below the median
	aspectRatio     = 3.5  // longer side over shorter
)

// Find looks at all images of the collection that are not gone.
func Find(ctx context.Context, dev *kernels.Device, c *collection.Collection, ui images.UI) (*Report, error) {
	items := c.Live()
	r := &Report{Images: len(items), Counts: map[string]int{}, Findings: []Finding{}}
	for _, d := range c.Manifest.Damaged {
		r.add(Finding{Kind: "damaged", Path: rawname.Text(d.Path), Why: "cannot be read: " + d.Why})
	}
	r.looks(c, items)
	if len(items) > 1 {
		g := neighbours.Find(dev, c, items, graphNeighbours, ui.Working("comparing images"), func() bool { return ctx.Err() != nil })
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		r.leaks(c, g)
		r.labels(c, g)
		r.outliers(c, g)
	}
	slices.SortStableFunc(r.Findings, func(a, b Finding) int { return slices.Index(Kinds, a.Kind) - slices.Index(Kinds, b.Kind) })
	return r, nil
}

func (r *Report) add(f Finding) {
	r.Counts[f.Kind]++
	r.Findings = append(r.Findings, f)
}

// leaks finds images of different splits that are the same file, or nearly the same picture.
func (r *Report) leaks(c *collection.Collection, g *neighbours.Graph) {
	var list []Finding
	for _, e := range g.Edges() {
		a, b := &c.Items[g.Items[e.A]], &c.Items[g.Items[e.B]]
		if a.Split == b.Split || a.Split == "" || b.Split == "" {
			continue
		}
		apart := bits.OnesCount64(a.Look.PHash ^ b.Look.PHash)
		switch {
		case a.SHA256 == b.SHA256:
			why := fmt.Sprintf("the same file is in %s and %s", a.Split, b.Split)
			list = append(list, Finding{"leakage", rawname.Text(a.Path), why, rawname.Text(b.Path), 1})
		case e.Score >= leakCosine && apart <= leakBits:
			why := fmt.Sprintf("nearly the same picture is in %s and %s (cosine %.3f, %d bits of the hash differ)",
				a.Split, b.Split, e.Score, apart)
			list = append(list, Finding{"leakage", rawname.Text(a.Path), why, rawname.Text(b.Path), float64(e.Score)})
		}
	}
	r.addClearest(list, func(f Finding) float64 { return -math.Round(1e4 * f.By) }) // finer differences are rounding
}

// labels finds images whose neighbours nearly all have one other label.
func (r *Report) labels(c *collection.Collection, g *neighbours.Graph) {
	var list []Finding
	for n, i := range g.Items {
		own := c.Items[i].Label
		if own == "" {
			continue
		}
		to, _ := g.Of(n)
		votes := map[string]int{}
		for _, m := range to {
			votes[c.Items[g.Items[m]].Label]++
		}
		label, count := "", 0
		for l, v := range votes {
			if l != "" && (v > count || v == count && l < label) {
				label, count = l, v
			}
		}
		share := float64(count) / float64(len(to))
		if label != own && share >= labelShare && float64(votes[own]) <= ownShare*float64(len(to)) {
			why := fmt.Sprintf("labelled %s, and %d of its %d nearest images are labelled %s", own, count, len(to), label)
			list = append(list, Finding{"label", rawname.Text(c.Items[i].Path), why, "", share})
		}
	}
	r.addClearest(list, func(f Finding) float64 { return -f.By })
}

// outliers finds images far from all others.
func (r *Report) outliers(c *collection.Collection, g *neighbours.Graph) {
	mean := make([]float64, len(g.Items))
	for n := range mean {
		_, score := g.Of(n)
		for _, s := range score {
			mean[n] += float64(s) / float64(len(score))
		}
	}
	middle := median(mean)
	spread := make([]float64, len(mean))
	for n, v := range mean {
		spread[n] = math.Abs(v - middle)
	}
	limit := middle - outlierSpread*median(spread)
	var list []Finding
	for n, v := range mean {
		if v < limit {
			why := fmt.Sprintf("unlike all others: mean cosine %.3f to its %d nearest, where %.3f is usual", v, g.K, middle)
			list = append(list, Finding{"outlier", rawname.Text(c.Items[g.Items[n]].Path), why, "", v})
		}
	}
	r.addClearest(list, func(f Finding) float64 { return f.By })
}

// addClearest adds the findings by rising rank.
func (r *Report) addClearest(list []Finding, rank func(Finding) float64) {
	slices.SortStableFunc(list, func(a, b Finding) int {
		switch x, y := rank(a), rank(b); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return strings.Compare(a.Path, b.Path)
	})
	for _, f := range list {
		r.add(f)
	}
}

// median is the middle of the values; 0 of none.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}
