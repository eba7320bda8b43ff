package duplicates

import (
	"cmp"
	"slices"
	"strings"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/setting"
)

// Order says which image of a group is kept: the first rule decides, those behind it where it sees no difference.
type Order []string

// rules compare two images: negative where the first is rather to be kept.
var rules = map[string]func(a, b *collection.Item) int{
	"resolution": func(a, b *collection.Item) int {
		return cmp.Compare(int64(b.Width)*int64(b.Height), int64(a.Width)*int64(a.Height))
	},
	"format": func(a, b *collection.Item) int { return cmp.Compare(quality(b.Format), quality(a.Format)) },
	"bytes":  func(a, b *collection.Item) int { return cmp.Compare(b.Size, a.Size) },
	"date":   byDate,
	"path":   func(a, b *collection.Item) int { return cmp.Compare(len(a.Path), len(b.Path)) },
}

// ruleNames are the rules in their usual order.
var ruleNames = Order{"resolution", "format", "bytes", "date", "path"}

// DefaultOrder is the usual order: more pixels, a format that loses less, more bytes, an older date of exposure, a shorter path.
func DefaultOrder() string { return strings.Join(ruleNames, ",") }

// ParseOrder reads a list of rules with commas. Errors are *setting.UsageError.
func ParseOrder(text string) (Order, error) {
	var order Order
	for _, name := range strings.Split(text, ",") {
		name = strings.TrimSpace(name)
		switch {
		case rules[name] == nil:
			return nil, setting.Usage("--keep %s: %q is no rule; expected some of %s", text, name, DefaultOrder())
		case slices.Contains(order, name):
			return nil, setting.Usage("--keep %s names %s twice", text, name)
		}
		order = append(order, name)
	}
	return order, nil
}

// quality ranks formats by what they lose: nothing, little for their size, more, all but 256 colours.
func quality(format string) int {
	switch strings.ToUpper(format) {
	case "PNG", "TIFF", "BMP", "PNM":
		return 3
	case "HEIC", "AVIF":
		return 2
	case "JPEG", "WEBP":
		return 1
	}
	return 0
}

// byDate puts older dates first, and images without one last.
func byDate(a, b *collection.Item) int {
	switch {
	case a.Taken == b.Taken:
		return 0
	case a.Taken == "":
		return 1
	case b.Taken == "":
		return -1
	}
	return cmp.Compare(a.Taken, b.Taken)
}

// best is the item of the list to keep, and the rule by which it beats the second. Where no rule decides, the path that comes first in
// byte order wins ("name").
func (o Order) best(items []collection.Item, list []int) (best int, why string) {
	sorted := slices.Clone(list)
	slices.SortFunc(sorted, func(i, j int) int { c, _ := o.compare(&items[i], &items[j]); return c })
	_, why = o.compare(&items[sorted[0]], &items[sorted[1]])
	return sorted[0], why
}

func (o Order) compare(a, b *collection.Item) (c int, rule string) {
	for _, rule := range o {
		if c := rules[rule](a, b); c != 0 {
			return c, rule
		}
	}
	return cmp.Compare(a.Path, b.Path), "name"
}

// ParseKinds reads a list of kinds with commas. Errors are *setting.UsageError.
func ParseKinds(text string) ([]Kind, error) {
	var kinds []Kind
	for _, name := range strings.Split(text, ",") {
		k := Kind(strings.TrimSpace(name))
		if !slices.Contains([]Kind{Bytes, Pixels, Near}, k) {
			return nil, setting.Usage("--kinds %s: %q is no kind; expected some of bytes,pixels,near", text, k)
		}
		kinds = append(kinds, k)
	}
	return kinds, nil
}
