package serve

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"image/color"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"udml-gpu/engine/collection/collectiontest"
)

// get is the JSON answer to a request that succeeds.
func get[T any](t *testing.T, h http.Handler, what, body string) (value T) {
	t.Helper()
	w := do(h, request(what, body))
	if w.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", what, w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &value); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	return value
}

type results struct{ Results []Hit }

// Lists have the images that pass, in order, and ids that lead back to them, also of files with the same bytes.
func TestItems(t *testing.T) {
	_, h, _ := started(t, nil)
	all := get[Items](t, h, "GET /v1/items", "")
	byPath := func(a, b Item) int { return strings.Compare(a.Path, b.Path) }
	if all.Total != 8 || len(all.Items) != 8 || !slices.IsSortedFunc(all.Items, byPath) {
		t.Fatalf("%+v", all)
	}
	seen := map[string]bool{}
	for n, it := range all.Items {
		if one := get[Item](t, h, "GET /v1/items/"+it.ID, ""); one.Path != it.Path || one.Number != n || seen[it.ID] {
			t.Errorf("%s leads to %+v", it.ID, one)
		}
		seen[it.ID] = true
	}
	if first, last := all.Items[0], all.Items[7]; last.ID != first.ID+"-2" {
		t.Errorf("a copy of %s has the id %s", first.ID, last.ID)
	}
	for query, want := range map[string]string{
		"folder=cats/old":                   "cats/old/001.png cats/old/004.png cats/old/007.png",
		"folder=cats/o":                     "",
		"path=*3.png":                       "cats/003.png",
		"path=DOGS/":                        "dogs/002.png dogs/005.png",
		"sort=size&descending=true&limit=2": "cats/old/007.png cats/006.png",
		"offset=7":                          "dogs/005.png",
		"duplicate=true":                    "cats/000.png cats/003.png cats/006.png dogs/005.png",
		"group=dogs&folder=cats":            "cats/006.png cats/old/007.png",
	} {
		var paths []string
		for _, it := range get[Items](t, h, "GET /v1/items?"+query, "").Items {
			paths = append(paths, it.Path)
		}
		if got := strings.Join(paths, " "); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
}

// A search finds the example first, leaves out what it is to, and takes an image from outside.
func TestSearch(t *testing.T) {
	_, h, net := started(t, nil)
	items := get[Items](t, h, "GET /v1/items", "").Items
	like := `{"like":[{"id":"` + items[3].ID + `"}]`
	found := get[results](t, h, "POST /v1/search", like+`,"k":8}`).Results
	if len(found) != 8 || found[0].ID != items[3].ID || !(found[0].Score > 0.999) || found[0].Item.Path != found[0].Path {
		t.Fatalf("%+v", found)
	}
	others := get[results](t, h, "POST /v1/search", like+`,"others":true}`).Results
	if len(others) != 7 || others[0].ID != found[1].ID {
		t.Errorf("%+v", others)
	}
	vector := get[struct{ Vector []float32 }](t, h, "POST /v1/embed", string(pngOf(t, color.RGBA{90, 20, 30, 255}, 8))).Vector
	text, _ := json.Marshal(vector)
	a := get[results](t, h, "POST /v1/search", `{"like":[{"vector":`+string(text)+`}],"k":8}`).Results
	b := get[results](t, h, "POST /v1/search?k=8", string(pngOf(t, color.RGBA{90, 20, 30, 255}, 8))).Results
	if fmt.Sprint(a) != fmt.Sprint(b) || len(net.batches) != 2 {
		t.Errorf("the vector finds %v, the image %v", a, b)
	}
}

// Images that arrive together are embedded in few passes, and each gets its own vector.
func TestTogether(t *testing.T) {
	_, h, net := started(t, nil)
	var wait sync.WaitGroup
	net.mu.Lock() // the first pass waits until all have arrived
	for i := range 40 {
		wait.Go(func() {
			w := do(h, request("POST /v1/embed", string(pngOf(t, color.RGBA{uint8(5 * i), 200, 0, 255}, 8))))
			var got struct{ Vector []float32 }
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || len(got.Vector) != dim {
				t.Errorf("%d %s", w.Code, w.Body)
			} else if r := got.Vector[0] / got.Vector[1] * 200; int(r+0.5) != 5*i {
				t.Errorf("image %d has the vector %v", i, got.Vector)
			}
		})
	}
	net.mu.Unlock()
	wait.Wait()
	total := 0
	for _, n := range net.batches {
		total += n
		if n&(n-1) != 0 || n > maxBatch {
			t.Errorf("a pass of %d", n)
		}
	}
	if total != 40 {
		t.Errorf("%v", net.batches)
	}
}

// Tags stay in the collection, and images go by them.
func TestTags(t *testing.T) {
	s, h, _ := started(t, nil)
	items := get[Items](t, h, "GET /v1/items", "").Items
	get[any](t, h, "POST /v1/tags", `{"tag":"best","ids":["`+items[2].ID+`","`+items[4].ID+`"]}`)
	get[any](t, h, "POST /v1/tags", `{"tag":"best","ids":["`+items[4].ID+`"],"remove":true}`)
	got := get[Items](t, h, "GET /v1/items?tag=best", "")
	if got.Total != 1 || got.Items[0].ID != items[2].ID || got.Items[0].Tags[0] != "best" {
		t.Errorf("%+v", got)
	}
	get[any](t, h, "POST /v1/tags", `{"tag":"twice","ids":["`+items[0].ID+`"]}`)
	tags := get[struct{ Tags []Count }](t, h, "GET /v1/tags", "").Tags
	if want := []Count{{"best", 1}, {"twice", 2}}; !slices.Equal(tags, want) { // the first image has a copy
		t.Errorf("%v, want %v", tags, want)
	}
	again, err := New(s.o)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if got := get[Items](t, again.Handler(), "GET /v1/items?tag=best", ""); got.Total != 1 {
		t.Errorf("after a start: %+v", got)
	}
}

// The map has the images by number; a polygon selects those within.
func TestMap(t *testing.T) {
	_, h, _ := started(t, nil)
	b := do(h, request("GET /v1/map", "")).Body.Bytes()
	if len(b) != 6*8 {
		t.Fatal(len(b))
	}
	for n := range 8 { // they lie at (n, n^2)
		x, y := binary.LittleEndian.Uint16(b[6*n:]), binary.LittleEndian.Uint16(b[6*n+2:])
		wantX, wantY := (float64(n)-3.5)/49+0.5, 1-float64(n*n)/49
		if dx, dy := float64(x)/65535-wantX, float64(y)/65535-wantY; !(dx*dx+dy*dy < 1e-8) {
			t.Errorf("image %d lies at %d %d, want %g %g", n, x, y, wantX, wantY)
		}
	}
	got := get[Items](t, h, "POST /v1/selection", `{"polygon":[[0,1.1],[1,1.1],[1,0.79],[0,0.79]]}`) // n^2 / 49 up to 0.21
	if got.Total != 4 || got.Items[3].Number != 3 {
		t.Errorf("%+v", got)
	}
	if group := binary.LittleEndian.Uint16(b[4:]); group != noGroup {
		t.Errorf("an image without a group has %d", group)
	}
}

// A collection that changes is said to have; what is asked for meanwhile is answered, and reload opens what is there.
func TestReload(t *testing.T) {
	s, h, _ := started(t, nil)
	if get[About](t, h, "GET /v1/collection", "").Stale {
		t.Error("stale from the start")
	}
	items := get[Items](t, h, "GET /v1/items", "").Items
	c := collectiontest.Make(t, s.o.Path, dim, collectiontest.Items(3, "cats/000.png", "cats/003.png", "dogs/002.png"))
	if c.Manifest.Generation != 2 || !get[About](t, h, "GET /v1/collection", "").Stale {
		t.Error("the change is not seen")
	}
	if w := do(h, request("GET /v1/items/"+items[6].ID, "")); w.Code != http.StatusOK {
		t.Errorf("before the reload: %s", w.Body)
	}
	if a := get[About](t, h, "POST /v1/reload", ""); a.Images != 3 || a.Stale || a.Generation != 2 || a.Map || a.Groups != 0 {
		t.Errorf("%+v", a)
	}
	if err := os.WriteFile(filepath.Join(s.o.Path, "manifest.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if w := do(h, request("POST /v1/reload", "")); w.Code != http.StatusServiceUnavailable {
		t.Errorf("of a damaged one: %d %s", w.Code, w.Body)
	}
	if a := get[About](t, h, "GET /v1/collection", ""); a.Images != 3 {
		t.Errorf("after that: %+v", a)
	}
}

// Pictures that are not there any more are an answer each, not the end.
func TestNoPictures(t *testing.T) {
	s, h, _ := started(t, nil)
	items := get[Items](t, h, "GET /v1/items", "").Items
	if err := os.RemoveAll(filepath.Join(filepath.Dir(s.o.Path), "photos")); err != nil {
		t.Fatal(err)
	}
	if w := do(h, request("GET /v1/items/"+items[0].ID+"/thumbnail", "")); w.Code != http.StatusGone || w.Header().Get("ETag") != "" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if a := get[About](t, h, "POST /v1/reload", ""); a.Images != 8 || !strings.Contains(a.Pictures, "not where they were") {
		t.Errorf("%+v", a)
	}
	if w := do(h, request("GET /v1/items/"+items[0].ID+"/image", "")); w.Code != http.StatusGone {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// The ids of a selection are those of the list that the same filter makes, with the numbers.
func TestSelectionIDs(t *testing.T) {
	_, h, _ := started(t, nil)
	got := get[IDs](t, h, "POST /v1/selection?as=ids", `{"filter":{"folder":["cats"]}}`)
	want := get[Items](t, h, "GET /v1/items?folder=cats", "").Items
	if len(want) == 0 || len(got.IDs) != len(want) || len(got.Numbers) != len(want) {
		t.Fatalf("%d ids and %d numbers of %d images", len(got.IDs), len(got.Numbers), len(want))
	}
	for n, it := range want {
		if got.IDs[n] != it.ID || int(got.Numbers[n]) != it.Number {
			t.Errorf("image %d: %s %d, want %s %d", n, got.IDs[n], got.Numbers[n], it.ID, it.Number)
		}
	}
	if none := get[IDs](t, h, "POST /v1/selection?as=ids", `{"ids":[]}`); none.IDs == nil || len(none.IDs) != 0 {
		t.Errorf("of none: %+v", none)
	}
}
