package duplicates

import (
	"strings"
	"testing"

	"udml-gpu/engine/collection"
)

// TestOrder: each rule decides where those before it see no difference.
func TestOrder(t *testing.T) {
	base := collection.Item{Path: "b.jpg", Width: 10, Height: 10, Format: "JPEG", Size: 100, Taken: "2020-01-02T03:04:05"}
	for rule, change := range map[string]func(it *collection.Item){
		"resolution": func(it *collection.Item) { it.Width = 11; it.Format, it.Size = "GIF", 1 },
		"format":     func(it *collection.Item) { it.Format, it.Size = "PNG", 1 },
		"bytes":      func(it *collection.Item) { it.Size, it.Taken = 101, "" },
		"date":       func(it *collection.Item) { it.Taken, it.Path = "2019-01-02T03:04:05", "longer.jpg" },
		"path":       func(it *collection.Item) { it.Path = "c.pn" },
		"name":       func(it *collection.Item) { it.Path = "a.jpg" },
	} {
		better := base
		change(&better)
		for _, items := range [][]collection.Item{{base, better}, {better, base}} {
			best, why := options(t).Keep.best(items, []int{0, 1})
			if items[best] != better || why != rule {
				t.Errorf("%s: kept %+v by %s", rule, items[best], why)
			}
		}
	}
	undated := base
	undated.Taken, undated.Path = "", "b"
	if best, why := options(t).Keep.best([]collection.Item{undated, base}, []int{0, 1}); best != 1 || why != "date" {
		t.Errorf("an image without a date is kept, by %s", why)
	}
}

func TestParseOrderRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                 `"" is no rule`,
		"size":             `"size" is no rule; expected some of resolution,format,bytes,date,path`,
		"bytes,path,bytes": "names bytes twice",
	} {
		if _, err := ParseOrder(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if _, err := ParseKinds("near,far"); err == nil || !strings.Contains(err.Error(), `"far" is no kind`) {
		t.Errorf("kinds: %v", err)
	}
}
