package push

import (
	"context"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"udml-gpu/engine/collection/collectiontest"
)

// TestSearch: the nearest rows are those of a plain search over the collection, also under a filter that leaves most rows out.
func TestSearch(t *testing.T) {
	url := database(t)
	path := filepath.Join(t.TempDir(), "c.udml")
	c := collectiontest.Make(t, path, 16, collectiontest.Items(600))
	run(t, path, url, Options{})
	vector := collectiontest.Row(99, 16)
	for _, f := range []Filter{{}, {Label: "class 3"}, {Split: "train", Model: collectiontest.Model}, {Label: "class 3", Split: "train"}} {
		var want []Match
		for i := range c.Items {
			it := &c.Items[i]
			if f.Label != "" && it.Label != f.Label || f.Split != "" && it.Split != f.Split {
				continue
			}
			dot := 0.0
			for k, v := range c.Row(i) {
				dot += float64(v) * float64(vector[k])
			}
			want = append(want, Match{it.Path, it.ID(), dot})
		}
		slices.SortFunc(want, func(a, b Match) int { return int(math.Copysign(1, b.Score-a.Score)) })
		got, err := Search(context.Background(), url, "c", "", vector, 12, f)
		if err != nil || len(got) != 12 {
			t.Fatalf("%+v: %d rows, %v", f, len(got), err)
		}
		for n, m := range got {
			if m.Path != want[n].Path || m.ID != want[n].ID || !(math.Abs(m.Score-want[n].Score) < 1e-6) {
				t.Errorf("%+v: row %d is %+v, want %+v", f, n, m, want[n])
			}
		}
	}
}

// TestSearchByIndex: where the index is used, a filter that leaves out more than it looks at first still gives k rows.
func TestSearchByIndex(t *testing.T) {
	url := database(t)
	path := filepath.Join(t.TempDir(), "c.udml")
	collectiontest.Make(t, path, 16, collectiontest.Items(1000))
	run(t, path, url, Options{})
	query(t, url, "ALTER DATABASE testsearchbyindex SET enable_seqscan = off")
	query(t, url, "ALTER DATABASE testsearchbyindex SET enable_sort = off")
	got, err := Search(context.Background(), url, "c", "", collectiontest.Row(99, 16), 20, Filter{Label: "class 3", Split: "train"})
	if err != nil || len(got) != 20 {
		t.Errorf("%d rows, %v", len(got), err)
	}
}

// TestSearchRefuses: another model, another length, a table that is not there.
func TestSearchRefuses(t *testing.T) {
	url := database(t)
	search := func(table string, dim int, f Filter) string {
		_, err := Search(context.Background(), url, table, "", collectiontest.Row(1, dim), 3, f)
		if err == nil {
			return ""
		}
		return err.Error()
	}
	if got := search("c", 8, Filter{}); !strings.Contains(got, "has no table c") {
		t.Errorf("an empty database: %q", got)
	}
	path := filepath.Join(t.TempDir(), "c.udml")
	collectiontest.Make(t, path, 8, collectiontest.Items(20))
	run(t, path, url, Options{})
	for want, got := range map[string]string{
		"holds vectors of another model": search("c", 8, Filter{Model: "other"}),
		"another model than the query's": search("c", 9, Filter{}),
		"has no table d":                 search("d", 8, Filter{}),
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := search("c", 8, Filter{Label: "none"}); got != "" {
		t.Errorf("nothing is found: %q", got)
	}
}
