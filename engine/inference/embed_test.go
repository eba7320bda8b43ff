package inference

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/images"
	"udml-gpu/engine/setting"
	"udml-gpu/engine/store/storetest"
	"udml-gpu/models/weights/file"
)

// atOnce is the file of the request's vectors as it is written when all of them are there.
func atOnce(t *testing.T, q Request) []byte {
	t.Helper()
	ctx := context.Background()
	e, set := opened(t, q), splitOf(t, q)
	c, err := images.LoadCache(ctx, q.Config, set, q.UI)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var vectors []float32
	if err := e.Cache(ctx, c, func(r Rows) error { vectors = append(vectors, r.Vectors...); return nil }); err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for i := range c.Len() {
		names = append(names, c.Name(i))
	}
	list, err := json.Marshal(names)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	err = file.Encode(&b, &file.Weights{
		Metadata: map[string]string{
			"names": string(list), "layer": q.Layer, "backbone": "conv4", "pool": "mean", setting.PipelineKey: q.Config.Pipeline(),
		},
		Tensors: []file.Tensor{file.FromFloat32("embeddings", vectors, c.Len(), e.Dim())},
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestEmbedToStreams: the file has the bytes of one that is written at once, with images that cannot be read and without a cache or
// with one; and where the embedding layer was fitted on the same images they have gone through the backbone once.
func TestEmbedToStreams(t *testing.T) {
	dir, cache := photos(t, 75), t.TempDir()
	for name, change := range map[string]func(*Request){
		"fitted on the same images": nil,
		"pooled":                    func(q *Request) { q.Layer = "pooled" },
		"random":                    func(q *Request) { q.Config.HeadInit = "random" },
		"cache":                     func(q *Request) { q.Config.Cache = cache },
		"cache, random":             func(q *Request) { q.Config.HeadInit, q.Config.Cache = "random", cache },
		"within":                    func(q *Request) { q.Config.HeadInit = "within" },
		"cache, within":             func(q *Request) { q.Config.HeadInit, q.Config.Cache = "within", cache },
	} {
		t.Run(name, func(t *testing.T) {
			q := request(t, dir, change)
			want := atOnce(t, q)
			passes := 0
			q.UI.Embedding = func(done, total int) {
				if done == total {
					passes++
				}
			}
			path := filepath.Join(t.TempDir(), "out.safetensors")
			r, err := EmbedTo(context.Background(), q, path)
			if err != nil || r.Images != 74 || r.Skipped != 1 || r.Split != "all" {
				t.Fatalf("%+v, %v", r, err)
			}
			if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d bytes, %v; want %d others", len(got), err, len(want))
			}
			if want := map[bool]int{false: 1, true: 2}[q.Config.HeadInit == "within"]; passes != want { // and one of two views of each
				t.Errorf("%d passes over the images, want %d", passes, want)
			}
		})
	}
}

// TestEmbedToStore: the object has the bytes of the file, nothing is left on the disk, and a store that refuses it ends in a
// *baddata.Error.
func TestEmbedToStore(t *testing.T) {
	s, q, tmp := storetest.New(t), request(t, photos(t, 20), nil), t.TempDir()
	want := atOnce(t, q)
	t.Setenv("TMPDIR", tmp)
	r, err := EmbedTo(context.Background(), q, "s3://data/a/x.safetensors")
	if got, _ := s.Get("data/a/x.safetensors"); err != nil || r.Out != "s3://data/a/x.safetensors" || got != string(want) {
		t.Errorf("%+v, %d bytes of %d, %v", r, len(got), len(want), err)
	}
	var bad *baddata.Error
	s.Spoil = func(r *http.Request, _ int) string {
		if r.Method == http.MethodPut {
			return "403"
		}
		return ""
	}
	if r, err := EmbedTo(context.Background(), q, "s3://data/y.safetensors"); r != nil || !errors.As(err, &bad) {
		t.Errorf("%+v, %v", r, err)
	}
	if entries, err := os.ReadDir(tmp); err != nil || len(entries) > 0 {
		t.Errorf("left %v (%v)", entries, err)
	}
}

// TestEmbedToEnds: a stop in the middle leaves the file as it was and nothing beside it.
func TestEmbedToEnds(t *testing.T) {
	q := request(t, photos(t, 150), func(q *Request) { q.Layer = "pooled" })
	dir := t.TempDir()
	path := filepath.Join(dir, "out.safetensors")
	if err := os.WriteFile(path, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	q.UI.Embedding = func(done, _ int) {
		if done == 100 {
			stop()
		}
	}
	if _, err := EmbedTo(ctx, q, path); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "before" {
		t.Errorf("the file holds %q, %v", b, err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("%v lie there, %v", entries, err)
	}
}
