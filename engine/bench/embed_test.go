package bench

import (
	"bytes"
	"context"
	"errors"
	"image/jpeg"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"udml-gpu/engine/data/datatest"
	"udml-gpu/engine/images"
	"udml-gpu/engine/network"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// wantRates holds that all rates are positive numbers.
func wantRates(t *testing.T, r *EmbedBench) {
	t.Helper()
	for _, rate := range []float64{r.ImagesPerSecond, r.DecodedPerSecond, r.ForwardPerSecond} {
		if !(rate > 0) || math.IsInf(rate, 1) {
			t.Errorf("%+v", r)
		}
	}
}

// pictures are settings for a folder of a batch and three files more, one of which is no image.
func pictures(t *testing.T, change func(*setting.Config)) setting.Config {
	t.Helper()
	files := datatest.NumberedImages(network.EmbedBatch + 2)
	files["damaged.png"] = []byte("no image")
	return drawings(t, func(c *setting.Config) {
		c.Data, c.Device = datatest.Tree(t, files), "cpu"
		change(c)
	})
}

// TestEmbedding: all images that can be read are embedded in each pass, and what is wrong with the others is said once.
func TestEmbedding(t *testing.T) {
	var log bytes.Buffer
	c := pictures(t, func(*setting.Config) {})
	r, err := Embedding(context.Background(), c, 2, images.UI{Log: zerolog.New(&log)})
	if err != nil {
		t.Fatal(err)
	}
	wantRates(t, r)
	if r.Images != network.EmbedBatch+2 || r.Passes != 2 || r.Batch != network.EmbedBatch || r.Device != "cpu" || r.BLAS == "" ||
		r.JPEG == "" || r.PeakRSSBytes <= 0 {
		t.Errorf("%+v", r)
	}
	for _, said := range []string{"image skipped", "random weights"} {
		if n := strings.Count(log.String(), said); n != 1 {
			t.Errorf("%q is said %d times in %s", said, n, &log)
		}
	}
}

// TestEmbeddingMakesPhotos: without --data there are four batches of photos, which are gone at the end, also at an early one.
func TestEmbeddingMakesPhotos(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	c := drawings(t, func(c *setting.Config) { c.Device = "cpu" })
	r, err := Embedding(context.Background(), c, 1, images.UI{Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	wantRates(t, r)
	if r.Images != 4*network.EmbedBatch {
		t.Errorf("%d images", r.Images)
	}
	stopped, stop := context.WithCancel(context.Background())
	stop()
	if _, err := Embedding(stopped, c, 1, images.UI{Log: zerolog.Nop()}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) != 0 {
		t.Errorf("%v are left, %v", left, err)
	}
}

// TestPhotos: the files differ, are the same at each call, and have the size of photos of that many pixels and that quality: 74 KB is
// the mean of those in docs/benchmarks.md.
func TestPhotos(t *testing.T) {
	one, two := t.TempDir(), t.TempDir()
	if err := errors.Join(writePhotos(one), writePhotos(two)); err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob(filepath.Join(one, "*.jpg"))
	if err != nil || len(names) != madePhotos*photoNames {
		t.Fatalf("%d files, %v", len(names), err)
	}
	seen := map[string]bool{}
	for _, name := range names {
		a, err := os.ReadFile(name)
		b, again := os.ReadFile(filepath.Join(two, filepath.Base(name)))
		if err != nil || again != nil || !bytes.Equal(a, b) {
			t.Fatalf("%s: %d and %d bytes, %v, %v", name, len(a), len(b), err, again)
		}
		seen[string(a)] = true
		if len(a) < 60_000 || len(a) > 90_000 {
			t.Errorf("%s has %d bytes", name, len(a))
		}
	}
	if len(seen) != madePhotos {
		t.Errorf("%d different photos", len(seen))
	}
	for a := range seen {
		c, err := jpeg.DecodeConfig(strings.NewReader(a))
		if err != nil || c.Width != photoWidth || c.Height != photoHeight {
			t.Fatalf("%+v, %v", c, err)
		}
	}
}

// TestGPUBenchEmbedding: the whole and its parts are timed on the device, whose name is in the result.
func TestGPUBenchEmbedding(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, dev *kernels.Device) {
		c := pictures(t, func(c *setting.Config) { c.Size, c.Device = 8, "cuda" })
		r, err := Embedding(context.Background(), c, 1, images.UI{Log: zerolog.Nop()})
		if err != nil {
			t.Fatal(err)
		}
		wantRates(t, r)
		if r.Images != network.EmbedBatch+2 || r.Device != dev.Info().Name {
			t.Errorf("%+v", r)
		}
	})
}
