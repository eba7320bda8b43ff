package serve

import (
	"fmt"
	"net/url"
	"path/filepath"
	"testing"

	"udml-gpu/engine/collection/collectiontest"
)

// varied makes a collection of n images whose facets are mixed, some without a date, with tags.
func varied(t testing.TB, n int) string {
	t.Helper()
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("%s%06d.png", []string{"", "a/", "a/b/", "a/bc/", "d/"}[i%5], i))
	}
	items := collectiontest.Items(n, names...)
	for i := range items {
		items[i].Taken = []string{
			"2023-12-31T23:59:59", "2024-01-01T00:00:00", "", "2024-07-08T09:10:11", "no date", "2024-13-01T00:00:00",
		}[i%6]
		items[i].Look.Brightness, items[i].Look.Contrast = float32(i%4)/3, 0
		if i%9 == 0 {
			items[i].Look.Entropy = 0
		}
		items[i].Split = []string{"train", "val", ""}[i%3]
	}
	path := filepath.Join(t.TempDir(), "varied.udml")
	c := collectiontest.Make(t, path, dim, items)
	derive(t, c)
	tags := map[string][]string{}
	for i := range items {
		if i%4 == 0 {
			tags["fourth"] = append(tags["fourth"], items[i].ID())
		}
		if i%7 == 0 {
			tags["seventh"] = append(tags["seventh"], items[i].ID())
		}
	}
	if err := c.SetTags(tags); err != nil {
		t.Fatal(err)
	}
	return path
}

// byFacet are the counts of each facet, by the name of its parameter.
func (f *Facets) byFacet() map[string][]Count {
	return map[string][]Count{
		"split": f.Splits, "label": f.Labels, "folder": f.Folders, "group": f.Groups, "quality": f.Quality, "tag": f.Tags, "taken": f.Taken,
		"duplicate": f.Duplicate,
	}
}

// The count of a value is the number of images that the list has with this value in place of what the filter says of its facet.
func TestFacets(t *testing.T) {
	_, h, _ := started(t, func(o *Options) { o.Path = varied(t, 130) })
	whole := get[Facets](t, h, "GET /v1/facets", "")
	for facet, values := range whole.byFacet() {
		if len(values) == 0 {
			t.Fatalf("there is no value of %s", facet)
		}
	}
	for _, query := range []string{
		"", "split=train", "split=train&split=val&label=class+1&label=class+2", "folder=a&taken=2024", "taken=none&tag=fourth",
		"taken=2023-12&taken=2024-07&group=0", "quality=dark&quality=light&tag=fourth&tag=seventh", "duplicate=true",
		"duplicate=false&folder=a/b",
		"path=*2.png&group=1", "path=3&folder=a&tag=seventh", "label=nothing", "label=nothing&split=train", "path=nothing&label=class+1",
	} {
		q, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		got := get[Facets](t, h, "GET /v1/facets?"+query, "")
		if want := get[Items](t, h, "GET /v1/items?"+query, "").Total; got.Total != want {
			t.Errorf("%s: %d images pass, want %d", query, got.Total, want)
		}
		counts := got.byFacet()
		for facet, values := range whole.byFacet() {
			had := map[string]int{}
			for _, c := range counts[facet] {
				had[c.Name] = c.Count
			}
			for _, c := range values {
				instead := url.Values{}
				for name, list := range q {
					instead[name] = list
				}
				instead[facet] = []string{c.Name}
				want := get[Items](t, h, "GET /v1/items?limit=0&"+instead.Encode(), "").Total
				if had[c.Name] != want {
					t.Errorf("%s: %s %s has %d images, want %d", query, facet, c.Name, had[c.Name], want)
				}
				delete(had, c.Name)
			}
			if len(had) > 0 {
				t.Errorf("%s: %s has values that nothing has: %v", query, facet, had)
			}
		}
	}
}

// Years, months and images without a date, or with an impossible one, can be asked for.
func TestDates(t *testing.T) {
	_, h, _ := started(t, func(o *Options) { o.Path = varied(t, 120) })
	for query, want := range map[string]int{
		"taken=2023": 20, "taken=2024": 40, "taken=2024-01": 20, "taken=2024-02": 0, "taken=none": 60, "taken=2024-01&taken=none": 80,
		"taken=2023&taken=2024&taken=none": 120,
	} {
		if got := get[Items](t, h, "GET /v1/items?limit=0&"+query, "").Total; got != want {
			t.Errorf("%s: %d images, want %d", query, got, want)
		}
	}
	want := "[{2023 20} {2023-12 20} {2024 40} {2024-01 20} {2024-07 20} {none 60}]"
	if got := fmt.Sprint(get[About](t, h, "GET /v1/collection", "").Taken); got != want {
		t.Errorf("dates %s, want %s", got, want)
	}
}

func BenchmarkFacets(b *testing.B) {
	s, h, _ := started(b, func(o *Options) { o.Path = varied(b, 100_000) })
	v, _ := s.use()
	defer v.release()
	for _, query := range []string{"", "split=train&taken=2024&folder=a", "tag=fourth&group=1", "path=7&split=train"} {
		b.Run("of "+query, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				do(h, request("GET /v1/facets?"+query, ""))
			}
		})
	}
}
