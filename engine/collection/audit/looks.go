package audit

import (
	"fmt"
	"math"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/data/rawname"
)

// looks finds images that are blurred, dark, light, nearly empty, or of an odd size or shape.
func (r *Report) looks(c *collection.Collection, items []int) {
	var list []Finding
	eachLook(c, items, func(_ int, found []Finding) { list = append(list, found...) })
	r.addClearest(list, func(f Finding) float64 { // each value is such that a smaller one is clearer, but for these
		if f.Kind == "light" || f.Kind == "odd_aspect" {
			return -f.By
		}
		return f.By
	})
}

// Faults are, for each of the items (ascending), the kinds of findings on its looks: blurred, dark, light, low_information, odd_size and
// odd_aspect.
func Faults(c *collection.Collection, items []int) [][]string {
	kinds := make([][]string, len(items))
	eachLook(c, items, func(n int, found []Finding) {
		for _, f := range found {
			kinds[n] = append(kinds[n], f.Kind)
		}
	})
	return kinds
}

// eachLook visits the findings on the looks of each of the items.
func eachLook(c *collection.Collection, items []int, visit func(n int, found []Finding)) {
	sharpness, pixels := make([]float64, len(items)), make([]float64, len(items))
	for n, i := range items {
		it := &c.Items[i]
		sharpness[n], pixels[n] = float64(it.Look.Sharpness), float64(it.Width)*float64(it.Height)
	}
	sharp, size := median(sharpness), median(pixels)
	for n, i := range items {
		visit(n, looksOf(&c.Items[i], sharpness[n]/max(sharp, 1e-12), pixels[n]/max(size, 1)))
	}
}

// looksOf are the findings on an image whose sharpness and number of pixels are given as ratios to the medians.
func looksOf(it *collection.Item, sharp, size float64) (list []Finding) {
	add := func(kind string, by float64, format string, args ...any) {
		list = append(list, Finding{Kind: kind, Path: rawname.Text(it.Path), Why: fmt.Sprintf(format, args...), By: by})
	}
	l := it.Look
	empty := l.Entropy < leastEntropy
	if empty {
		add("low_information", float64(l.Entropy), "nearly one colour: the entropy of its grey levels is %.2f bits", l.Entropy)
	}
	if sharp < blurShare && !empty {
		add("blurred", sharp, "has %.0f %% of the usual sharpness", 100*sharp)
	}
	if up := float64(l.Brightness + 2*l.Contrast); up < darkest {
		add("dark", up, "mean brightness %.2f of 1, contrast %.2f", l.Brightness, l.Contrast)
	}
	if down := float64(l.Brightness - 2*l.Contrast); down > lightest {
		add("light", down, "mean brightness %.2f of 1, contrast %.2f", l.Brightness, l.Contrast)
	}
	if size < 1/sizeRatio || size > sizeRatio {
		add("odd_size", -math.Abs(math.Log(size)), "%d x %d pixels, %.3g times the usual number", it.Width, it.Height, size)
	}
	if long, short := max(it.Width, it.Height), min(it.Width, it.Height); float64(long) > aspectRatio*float64(short) {
		add("odd_aspect", float64(long)/float64(max(short, 1)), "%d x %d pixels: one side is %.1f times the other",
			it.Width, it.Height, float64(long)/float64(max(short, 1)))
	}
	return list
}
