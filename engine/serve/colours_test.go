package serve

import (
	"encoding/binary"
	"fmt"
	"math"
	"net/http"
	"testing"
)

// The values of images are places in the lists that the API gives.
func TestValues(t *testing.T) {
	_, h, _ := started(t, func(o *Options) { o.Path = varied(t, 60) })
	about := get[About](t, h, "GET /v1/collection", "")
	tags := get[struct{ Tags []Count }](t, h, "GET /v1/tags", "").Tags
	groups := []Count{{Name: "0"}, {Name: "1"}}
	items := get[Items](t, h, "GET /v1/items", "").Items
	for of, names := range map[string][]Count{"label": about.Labels, "split": about.Splits, "tag": tags, "group": groups} {
		b := do(h, request("GET /v1/map/values?of="+of, "")).Body.Bytes()
		if len(b) != 2*len(items) {
			t.Fatalf("%s: %d bytes of %d images", of, len(b), len(items))
		}
		for n, it := range items {
			want := map[string]string{"label": it.Label, "split": it.Split, "group": fmt.Sprint(it.Group), "tag": ""}[of]
			if of == "tag" && len(it.Tags) > 0 {
				want = it.Tags[0]
			}
			got := ""
			if at := binary.LittleEndian.Uint16(b[2*n:]); at != noValue {
				got = names[at].Name
			}
			if got != want && (of != "group" || it.Group >= 0 || got != "") {
				t.Errorf("%s of %s: %q, want %q", of, it.Path, got, want)
			}
		}
	}
}

// Every image that passes the filter has a score, the same as in a search.
func TestScores(t *testing.T) {
	_, h, _ := started(t, nil)
	items := get[Items](t, h, "GET /v1/items", "").Items
	query := `{"like":[{"id":"` + items[3].ID + `"}],"filter":{"folder":["cats"]},"k":8}`
	w := do(h, request("POST /v1/scores", query))
	if w.Code != http.StatusOK || w.Body.Len() != 4*len(items) {
		t.Fatalf("%d, %d bytes", w.Code, w.Body.Len())
	}
	score := func(n int) float64 {
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(w.Body.Bytes()[4*n:])))
	}
	found := get[results](t, h, "POST /v1/search", query).Results
	scored := 0
	for n := range items {
		if !math.IsNaN(score(n)) {
			scored++
		}
	}
	if scored != len(found) || scored != 6 {
		t.Errorf("%d images have a score, and %d are found", scored, len(found))
	}
	for _, hit := range found {
		if got := score(hit.Item.Number); !(math.Abs(got-float64(hit.Score)) < 1e-6) {
			t.Errorf("%s: %v, want %v", hit.Path, got, hit.Score)
		}
	}
}
