package run

import (
	"bytes"
	"context"
	"encoding/hex"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/cache"
	"udml-gpu/engine/data/datatest"
	"udml-gpu/engine/report/projector"
	"udml-gpu/kernels"
)

// pointsOf are two images, of which the second has a hostile name, with vectors of three values.
func pointsOf(t *testing.T, o cache.Options) *Points {
	t.Helper()
	s, err := data.Open(datatest.Tree(t, map[string][]byte{
		"train/a/1.png": datatest.PNG(5, 5, 10), "train/b/t\tn\n.png": datatest.PNG(5, 5, 250),
	}), data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c, err := cache.Build(context.Background(), s.Split("train"), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	f := kernels.CPU().New(kernels.Float32, 2, 3)
	defer f.Free()
	kernels.Write(f, []float32{1, 0, 0, 0, -1, 0})
	return NewPoints(c, f, 1)
}

// TestPoints: the files of the projector hold the images in one order, grey ones and those that are larger than a thumbnail too.
func TestPoints(t *testing.T) {
	for _, o := range []cache.Options{{Size: 9, Channels: 3, RAM: 1 << 20}, {Size: 64, Channels: 1, RAM: 1 << 20}} {
		dir := t.TempDir()
		p := pointsOf(t, o)
		if err := p.write(dir); err != nil {
			t.Fatal(err)
		}
		read := func(name string) []byte {
			b, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
		if got := hex.EncodeToString(read(projector.VectorsFile)); got != "0000803f0000000000000000"+"00000000000080bf00000000" {
			t.Errorf("vectors %s", got)
		}
		if got := string(read(projector.TableFile)); got != "name\tlabel\ntrain/a/1.png\t0\ntrain/b/t\\tn\\n.png\t1\n" {
			t.Errorf("table %q", got)
		}
		sprite, err := png.Decode(bytes.NewReader(read(projector.SpriteFile)))
		side := min(o.Size, pointSide)
		if err != nil || sprite.Bounds().Dx() != 2*side || sprite.Bounds().Dy() != 2*side {
			t.Fatalf("sprite %v, %v", sprite.Bounds(), err)
		}
		for k := range 2 {
			pix := p.Images.Pixels(k)
			want := int(pix[len(pix)-1]) // of the last corner; a smaller thumbnail's is a mean of that and what is near
			r, g, b, a := sprite.At((k+1)*side-1, side-1).RGBA()
			if off := int(r>>8) - want; off < -2 || off > 2 || off != 0 && side == o.Size || g != r || b != r || a != 0xffff {
				t.Errorf("image %d: %d %d %d %d, want %d", k, r>>8, g>>8, b>>8, a>>8, want)
			}
		}
	}
}

// TestNoPoints: without images nothing is written.
func TestNoPoints(t *testing.T) {
	dir := t.TempDir()
	if err := (&Points{}).write(dir); err != nil {
		t.Fatal(err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("%v", entries)
	}
}

func TestToRGBA(t *testing.T) {
	dst := make([]uint8, 8)
	toRGBA(dst, []uint8{1, 2, 3, 4, 5, 6}, 3)
	grey := make([]uint8, 4)
	toRGBA(grey, []uint8{7}, 1)
	if !bytes.Equal(dst, []byte{1, 2, 3, 255, 4, 5, 6, 255}) || !bytes.Equal(grey, []byte{7, 7, 7, 255}) {
		t.Error(dst, grey)
	}
}
