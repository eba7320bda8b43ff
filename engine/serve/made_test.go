package serve

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/collectiontest"
	"udml-gpu/engine/data/picture"
	"udml-gpu/kernels"
)

const dim = 4

// seen is a network whose vector of an image is made of its first pixel, and that counts its passes.
type seen struct {
	mu      sync.Mutex
	batches []int
}

func (*seen) Decode(content []byte) (image.Image, error) { return picture.Decode(content, 1<<20) }

func (n *seen) Images(list []image.Image) ([]float32, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.batches = append(n.batches, len(list))
	var rows []float32
	for _, im := range list {
		r, g, b, _ := im.At(im.Bounds().Min.X, im.Bounds().Min.Y).RGBA()
		rows = append(rows, float32(r), float32(g), float32(b), 1)
	}
	return rows, nil
}

func (*seen) Close() {}

// pngOf is a picture in one colour.
func pngOf(t testing.TB, c color.Color, side int) []byte {
	t.Helper()
	im := image.NewRGBA(image.Rect(0, 0, side, side))
	for i := range side * side {
		im.Set(i%side, i/side, c)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, im); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// photos makes a collection of n images, of which the last is a copy of the first, with groups, duplicates and a map.
func photos(t testing.TB, n int) string {
	t.Helper()
	dir := t.TempDir()
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("%s/%03d.png", []string{"cats", "cats/old", "dogs"}[i%3], i))
		path := filepath.Join(dir, "photos", names[i])
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, pngOf(t, color.RGBA{uint8(40 * i), 100, 50, 255}, 300), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "c.udml")
	items := collectiontest.Items(n, names...)
	items[n-1].SHA256 = items[0].SHA256
	c := collectiontest.Make(t, path, dim, items)
	derive(t, c)
	return path
}

// derive gives a collection groups, duplicates and a map.
func derive(t testing.TB, c *collection.Collection) {
	t.Helper()
	n := c.Len()
	groups := &collection.Groups{Method: "kmeans", K: 2, Names: []string{"cats", "dogs"}, Of: make([]int32, n)}
	near := []collection.NearPair{{A: 1, B: 2, Similarity: 0.93}}
	places := &collection.Map{Method: "umap-2", Images: len(c.Live()), At: make([]float32, 2*n)}
	for i := range n {
		groups.Of[i] = int32(i%3) - 1
		places.At[2*i], places.At[2*i+1] = float32(i), float32(i*i)
	}
	err := c.SetGroups(groups)
	if err == nil {
		err = c.SetDuplicates(&collection.Duplicates{Threshold: 0.9, Near: near, Groups: []collection.DuplicateGroup{
			{Kind: "near", MinSimilarity: 0.93, Saved: 10, Of: []int32{1, 2}},
			{Kind: "bytes", MinSimilarity: 1, Saved: 7, Of: []int32{0, int32(n - 1)}},
		}})
	}
	if err == nil {
		err = c.SetMap(places)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// started is a server of a collection of photos.
func started(t testing.TB, change func(*Options)) (*Server, http.Handler, *seen) {
	t.Helper()
	dev := kernels.CPU()
	t.Cleanup(dev.Close)
	n := &seen{}
	o := Options{
		Path: photos(t, 8), MaxUpload: 1 << 20, MaxBusy: 100, Version: "test", Device: dev, Open: func() (Network, error) { return n, nil },
	}
	if change != nil {
		change(&o)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s, s.Handler(), n
}

// request is one for the server, by its method and address, as in "GET /v1/items".
func request(what, body string) *http.Request {
	method, target, _ := strings.Cut(what, " ")
	r := httptest.NewRequest(method, "http://localhost"+target, strings.NewReader(body))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/octet-stream")
		if strings.HasPrefix(body, "{") || strings.HasPrefix(body, "[") {
			r.Header.Set("Content-Type", "application/json")
		}
	}
	return r
}

func do(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}
