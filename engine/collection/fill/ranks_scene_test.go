package fill

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"udml-gpu/engine/dist/accord"
	"udml-gpu/engine/images"
	"udml-gpu/engine/inference"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels/rng"
	"udml-gpu/models/shard"
	"udml-gpu/models/shard/shardtest"
)

// photos are n images with stripes of their own, of which the fourth cannot be read where there are more than ten.
func photos(t *testing.T, dir string, first, n int) {
	t.Helper()
	for i := first; i < first+n; i++ {
		path := filepath.Join(dir, fmt.Sprintf("%c", 'a'+i%3), fmt.Sprintf("%04d.png", i))
		im := image.NewGray(image.Rect(0, 0, 18, 18))
		for k := range im.Pix {
			im.SetGray(k%18, k/18, color.Gray{Y: uint8(rng.Key{Sample: uint32(i), Op: rng.OpBench}.At(uint32(k))[0])})
		}
		err := os.MkdirAll(filepath.Dir(path), 0o777)
		var f *os.File
		if err == nil {
			f, err = os.Create(path)
		}
		if err == nil && (i != 4 || n < 10) {
			err = png.Encode(f, im)
		}
		old := time.Unix(1_700_000_000, 0)
		if err := errors.Join(err, f.Close(), os.Chtimes(path, old, old)); err != nil {
			t.Fatal(err)
		}
	}
}

// work is what a rank of a test does: New or Update, on the folder, under ctx.
type work func(ctx context.Context, w *accord.Work, ui images.UI) (*Result, error)

// requestOf asks for the images in dir.
func requestOf(t *testing.T, dir string, w *accord.Work, ui images.UI) inference.Request {
	t.Helper()
	c := setting.Defaults()
	c.Data, c.Backbone, c.Size, c.Channels, c.Dim, c.Pretrained, c.HeadInit = dir, "conv4", 16, 1, 8, "false", "whiten"
	if err := c.Resolve(); err != nil {
		t.Error(err)
	}
	return inference.Request{Config: c, Split: "auto", Layer: "embedding", UI: ui, Work: w}
}

// newOf makes a collection of the images in dir.
func newOf(t *testing.T, dir, path string, change func(q *inference.Request)) work {
	return func(ctx context.Context, w *accord.Work, ui images.UI) (*Result, error) {
		q := requestOf(t, dir, w, ui)
		if change != nil {
			change(&q)
		}
		return New(ctx, q, path, "")
	}
}

// updateOf brings one up to date.
func updateOf(path string) work {
	return func(ctx context.Context, w *accord.Work, ui images.UI) (*Result, error) {
		return Update(ctx, path, Options{UI: ui, Work: w, Overlay: func(c setting.Config) (setting.Config, error) { return c, nil }})
	}
}

// watch is told how far a rank is, and may stop it.
type watch func(rank, done int, stop func())

// onRanks does work on so many ranks, each with a carrier that wrap may change. It gives the result of rank 0 and the errors.
func onRanks(t *testing.T, ranks int, do work, see watch, wrap func(shard.Carrier) shard.Carrier) (r *Result, failures []error) {
	t.Helper()
	failures = make([]error, ranks)
	shardtest.Run(t, ranks, func(c shard.Carrier) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		rank := c.Rank()
		if wrap != nil {
			c = wrap(c)
		}
		ui := images.UI{Log: zerolog.Nop(), Embedding: func(done, _ int) {
			if see != nil {
				see(rank, done, cancel)
			}
		}}
		own, err := do(ctx, accord.Under(ctx, shard.New(ranks, c)), ui)
		if failures[rank] = err; rank == 0 {
			r = own
		} else if own != nil {
			t.Errorf("rank %d gives a result", rank)
		}
	})
	return r, failures
}

// well is onRanks without an error.
func well(t *testing.T, ranks int, do work) *Result {
	t.Helper()
	r, failures := onRanks(t, ranks, do, nil, nil)
	if err := errors.Join(failures...); err != nil {
		t.Fatalf("%d ranks: %v", ranks, err)
	}
	return r
}

// same fails unless the folders hold the same files but for those of locks.
func same(t *testing.T, want, got string) {
	t.Helper()
	a, b := files(t, want), files(t, got)
	if len(a) < 6 || len(a) != len(b) {
		t.Errorf("%s has %d files, %s has %d", want, len(a), got, len(b))
	}
	for name, content := range a {
		if b[name] != content {
			t.Errorf("%s of %s differs", name, got)
		}
	}
}

func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || !info.Mode().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		all[strings.TrimPrefix(path, dir)] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
