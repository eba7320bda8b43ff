package inference

import (
	"context"
	"image"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"udml-gpu/kernels"
)

// TestEmbedderFaults: what cannot be embedded is an error that says why.
func TestEmbedderFaults(t *testing.T) {
	dir := photos(t, 12)
	q := request(t, dir, func(q *Request) { q.Config.HeadInit, q.Config.MaxPixels = "random", "2000" })
	e := opened(t, q)
	_, err := e.File([]byte("no image"))
	wantSays(t, err, "the content is not an image")
	_, err = e.Image(image.NewGray(image.Rect(0, 0, 100, 100)))
	wantSays(t, err, "--max-pixels")
	_, err = e.Image(image.NewGray(image.Rectangle{}))
	wantSays(t, err, "0x0")
	weight := e.network.Store.Params()[0].Value
	kernels.Write(weight, notNumbers(weight.Len()))
	set := splitOf(t, q)
	content, err := set.ReadImage(0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = e.File(content)
	wantSays(t, err, "numbers that are not finite", "that was given")
	rows := gathered{}
	_, err = e.Set(context.Background(), set, rows.add)
	wantSays(t, err, "11 of 11 images numbers that are not finite, the first a/000.png")
	for _, bad := range []Request{
		request(t, dir, func(q *Request) { q.Layer = "other" }),
		request(t, filepath.Join(dir, "none"), nil),
		request(t, dir, func(q *Request) { q.Run = filepath.Join(dir, "none") }),
	} {
		if _, err := Open(context.Background(), bad); err == nil {
			t.Errorf("%+v was opened", bad)
		}
	}
}

// notNumbers are n of them.
func notNumbers(n int) []float32 {
	list := make([]float32, n)
	for i := range list {
		list[i] = float32(math.NaN())
	}
	return list
}

func wantSays(t *testing.T, err error, says ...string) {
	t.Helper()
	for _, s := range says {
		if err == nil || !strings.Contains(err.Error(), s) {
			t.Errorf("error %v, which does not say %q", err, s)
		}
	}
}
