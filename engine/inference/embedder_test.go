package inference

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/rs/zerolog"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/datatest"
	"udml-gpu/engine/images"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// photos is a folder of n images of several sizes, of which the fifth cannot be read.
func photos(t *testing.T, n int) string {
	t.Helper()
	files := map[string][]byte{}
	random := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		im := image.NewNRGBA(image.Rect(0, 0, 17+i%5, 20))
		for k := range im.Pix {
			im.Pix[k] = uint8(random.Uint32())
		}
		var b bytes.Buffer
		if err := png.Encode(&b, im); err != nil {
			t.Fatal(err)
		}
		files[fmt.Sprintf("%c/%03d.png", 'a'+i%2, i)] = b.Bytes()
	}
	files["a/004.png"] = []byte("no image")
	return datatest.Tree(t, files)
}

// request is a small backbone, on the images of dir.
func request(t testing.TB, dir string, change func(*Request)) Request {
	t.Helper()
	q := Request{Config: setting.Defaults(), Split: "all", Layer: "embedding", UI: images.UI{Log: zerolog.Nop()}}
	c := &q.Config
	c.Data, c.Backbone, c.Size, c.Channels, c.Pretrained, c.Dim, c.Device = dir, "conv4", 16, 3, "false", 12, "cpu"
	c.HeadInit = "whiten"
	if change != nil {
		change(&q)
	}
	if err := c.Resolve(); err != nil {
		t.Fatal(err)
	}
	return q
}

// opened is an embedder that is closed, and has given everything back, when the test ends.
func opened(t testing.TB, q Request) *Embedder {
	t.Helper()
	e, err := Open(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		e.Close()
		if n := e.device.LiveBytes(); n != 0 {
			t.Errorf("%d bytes live after Close", n)
		}
	})
	return e
}

func splitOf(t testing.TB, q Request) *data.Set {
	t.Helper()
	src, err := images.OpenSource(q.Config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { src.Close() })
	return src.Split(q.Split)
}

// gathered are the rows of all batches, by position.
type gathered map[int][]float32

func (g gathered) add(r Rows) error {
	dim := len(r.Vectors) / len(r.Images)
	for k, i := range r.Images {
		g[i] = slices.Clone(r.Vectors[k*dim : (k+1)*dim])
	}
	return nil
}

// TestSameRowsWhicheverWay: a set, a cache, the content of a file and a decoded image give the same bytes.
func TestSameRowsWhicheverWay(t *testing.T) {
	dir := photos(t, 75)
	for _, layer := range []string{"embedding", "pooled"} {
		t.Run(layer, func(t *testing.T) {
			sameRows(t, request(t, dir, func(q *Request) { q.Layer = layer }), 75)
		})
	}
}

// TestGPUSameRowsWhicheverWay: likewise on a GPU, with the kernels of the project.
func TestGPUSameRowsWhicheverWay(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, _ *kernels.Device) {
		sameRows(t, request(t, photos(t, 20), func(q *Request) { q.Config.Device, q.Config.Dim = "cuda", 8 }), 20)
	})
}

func sameRows(t *testing.T, q Request, n int) {
	t.Helper()
	ctx := context.Background()
	e, set := opened(t, q), splitOf(t, q)
	stream, cached := gathered{}, gathered{}
	skipped, err := e.Set(ctx, set, stream.add)
	if err != nil || len(stream) != n-1 || len(skipped) != 1 || skipped[0].Name != "a/004.png" {
		t.Fatalf("%d rows, %v skipped, %v", len(stream), skipped, err)
	}
	c, err := images.LoadCache(ctx, q.Config, set, q.UI)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := e.Cache(ctx, c, cached.add); err != nil || len(cached) != n-1 {
		t.Fatalf("%d rows of the cache, %v", len(cached), err)
	}
	at := 0
	for i, item := range set.Items {
		want, ok := stream[i]
		if !ok {
			continue
		}
		if len(want) != e.Dim() || !slices.Equal(want, cached[at]) {
			t.Fatalf("%s: the cache's row differs", item.Name)
		}
		at++
		content, err := set.ReadImage(i)
		if err != nil {
			t.Fatal(err)
		}
		if row, err := e.File(content); err != nil || !slices.Equal(row, want) {
			t.Fatalf("%s: the row of its content differs, %v", item.Name, err)
		}
		im, err := png.Decode(bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		before := slices.Clone(im.(*image.NRGBA).Pix)
		if row, err := e.Image(im); err != nil || !slices.Equal(row, want) || !slices.Equal(before, im.(*image.NRGBA).Pix) {
			t.Fatalf("%s: the row of the image differs, or the image was changed, %v", item.Name, err)
		}
	}
	if slices.Equal(stream[0], stream[1]) {
		t.Error("two images have the same row")
	}
}

// TestEmbedderFromManySides: callers that wait for each other get the rows that they get alone.
func TestEmbedderFromManySides(t *testing.T) {
	q := request(t, photos(t, 70), func(q *Request) { q.Config.HeadInit = "random" })
	e, set := opened(t, q), splitOf(t, q)
	alone := gathered{}
	if _, err := e.Set(context.Background(), set, alone.add); err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for side := range 4 {
		wait.Go(func() {
			rows := gathered{}
			if side%2 == 0 {
				if _, err := e.Set(context.Background(), set, rows.add); err != nil {
					t.Error(err)
				}
			} else {
				for i := 5; i < 25; i++ {
					content, err := set.ReadImage(i)
					if err == nil {
						rows[i], err = e.File(content)
					}
					if err != nil {
						t.Error(err)
					}
				}
			}
			for i, row := range rows {
				if !slices.Equal(row, alone[i]) {
					t.Errorf("side %d: image %d has another row", side, i)
				}
			}
		})
	}
	wait.Wait()
}
