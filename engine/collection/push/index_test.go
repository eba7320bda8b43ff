package push

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"udml-gpu/engine/collection/collectiontest"
)

// TestIndexes: up to 2,000 dimensions the index is of the vectors, up to 4,000 of their values in half precision, and beyond there is
// none, which is no error.
func TestIndexes(t *testing.T) {
	url := database(t)
	for d, want := range map[int]string{
		maxIndexed: "(embedding vector_cosine_ops)", maxIndexed + 1: "(((embedding)::halfvec(2001)) halfvec_cosine_ops)",
		maxHalf: "(((embedding)::halfvec(4000)) halfvec_cosine_ops)", maxHalf + 1: "",
	} {
		path := filepath.Join(t.TempDir(), fmt.Sprintf("c%d.udml", d))
		collectiontest.Make(t, path, d, collectiontest.Items(5))
		r := run(t, path, url, Options{})
		has := query(t, url, fmt.Sprintf("SELECT indexdef FROM pg_indexes WHERE indexname = 'c%d_embedding_hnsw'", d))
		if r.Rows != 5 || (r.Index == "") != (want == "") || (r.NoIndex == "") == (want == "") || len(has) != min(1, len(want)) {
			t.Fatalf("%d: %+v, %q", d, r, has)
		}
		if want != "" && !strings.HasSuffix(has[0], want) {
			t.Errorf("%d: the index is %s", d, has[0])
		}
		if r := run(t, path, url, Options{}); r.Sent != 0 || r.Unchanged != 5 {
			t.Errorf("%d: again %+v", d, r)
		}
	}
}

// TestSearchLong: with vectors of more than 2,000 dimensions the rows found are those of a plain search, with exact cosines, by the index
// of half precision and without one.
func TestSearchLong(t *testing.T) {
	url := database(t)
	path := filepath.Join(t.TempDir(), "c.udml")
	const long = 2500
	c := collectiontest.Make(t, path, long, collectiontest.Items(500))
	run(t, path, url, Options{})
	query(t, url, "ALTER DATABASE testsearchlong SET enable_seqscan = off")
	vector := slices.Clone(c.Row(77)) // and a little of another, so that there is a nearest one
	norm := 0.0
	for k, v := range c.Row(300) {
		vector[k] += 0.25 * v
		norm += float64(vector[k]) * float64(vector[k])
	}
	for _, f := range []Filter{{}, {Split: "train"}} {
		var want []Match
		for i := range c.Items {
			if it := &c.Items[i]; f.Split == "" || it.Split == f.Split {
				dot := 0.0
				for k, v := range c.Row(i) {
					dot += float64(v) * float64(vector[k]) / math.Sqrt(norm)
				}
				want = append(want, Match{it.Path, it.ID(), dot})
			}
		}
		slices.SortFunc(want, func(a, b Match) int { return int(math.Copysign(1, b.Score-a.Score)) })
		for _, without := range []bool{false, true} {
			if without {
				query(t, url, "DROP INDEX c_embedding_hnsw")
			}
			before := scans(t, url)
			got, err := Search(context.Background(), url, "c", "", vector, 12, f)
			if err != nil || len(got) != 12 {
				t.Fatalf("%d rows, %v", len(got), err)
			}
			// Random vectors are all about as far: of the twelve nearest an index may miss some, not the first ones. Cosines of halves
			// are wrong by some 1e-5, those of float32 by 1e-7.
			for n, m := range got[:2] {
				if m.Path != want[n].Path || !(math.Abs(m.Score-want[n].Score) < 1e-6) {
					t.Errorf("%+v: row %d is %+v, want %+v", f, n, m, want[n])
				}
			}
			if !without && !grows(t, url, before) {
				t.Error("the index is not used")
			}
		}
		run(t, path, url, Options{}) // makes the index again
	}
}

// scans is how many times the index was used.
func scans(t *testing.T, url string) string {
	return strings.Join(query(t, url, "SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = 'c_embedding_hnsw'"), "")
}

// grows tells whether the number of scans becomes another one; a server counts them when a connection has ended.
func grows(t *testing.T, url, before string) bool {
	for range 50 {
		if scans(t, url) != before {
			return true
		}
		time.Sleep(100 * time.Millisecond)
	}
	return false
}
