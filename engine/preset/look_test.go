package preset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"udml-gpu/engine/data"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels/rng"
	"udml-gpu/models/shard"
	"udml-gpu/models/shard/shardtest"
)

// folder is a folder of n images, and of more files that are none.
func folder(t *testing.T, n int, draw func(i int) image.Image, more map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for i := range n {
		var b bytes.Buffer
		if err := png.Encode(&b, draw(i)); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, fmt.Sprintf("%03d.png", i)), b.String())
	}
	for name, text := range more {
		write(t, filepath.Join(dir, name), text)
	}
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// set opens the images of a folder.
func set(t *testing.T, dir string) *data.Set {
	t.Helper()
	src, err := data.Open(dir, data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { src.Close() })
	return src.Split("all")
}

// TestLook: a damaged file and one that is no image are left out, medians and shares are of the others.
func TestLook(t *testing.T) {
	dir := folder(t, 9, func(i int) image.Image {
		switch {
		case i < 3:
			return tinted(square(300, noise), 60)
		case i < 7:
			return square(105, rings)
		}
		return square(90, disc)
	}, map[string]string{"damaged.png": "\x89PNG\r\n\x1a\n", "text.jpg": "not an image", "empty.png": ""})
	for _, workers := range []int{1, 3} {
		f, err := Look(context.Background(), set(t, dir), Options{Most: 1000, Size: 224, Workers: workers})
		want := Facts{
			Images: 12, Sized: 9, Side: 105, Size: 224, Small: 6.0 / 9, Decoded: 9, Colour: f.Colour, Drawings: f.Drawings, Extreme: 1,
		}
		if err != nil || f != want || !near(f.Colour, 3.0/9) || !near(f.Drawings, 4.0/9) {
			t.Errorf("%d workers: %+v, %v, want %+v", workers, f, err, want)
		}
	}
}

func near(a, b float64) bool { return a-b < 1e-12 && b-a < 1e-12 }

// TestLimits: no more images are looked at than allowed, and none of a set of none that can be read.
func TestLimits(t *testing.T) {
	all := set(t, folder(t, 12, func(i int) image.Image { return square(20+i, noise) }, nil))
	f, err := Look(context.Background(), all, Options{Most: 5, Size: 224, Workers: 2})
	if err != nil || f.Images != 12 || f.Sized != 5 || f.Decoded != 5 {
		t.Errorf("%+v, %v", f, err)
	}
	if order := within(all, []int32{3, 1, 2}, 2); len(order) != 2 || order[0] != 3 {
		t.Errorf("%v, want the first two", order)
	}
	big := seen{raw: []byte{1}, file: image.Pt(6000, 3000)} // 18 million pixels
	if list := toDecode([]seen{big, {}, big, big}); len(list) != 1 || list[0] != 0 {
		t.Errorf("of three images of 18 million pixels %v are decoded", list)
	}
	none := set(t, folder(t, 0, nil, map[string]string{"a.png": "x", "b.png": ""}))
	f, err = Look(context.Background(), none, Options{Most: 9, Size: 224})
	if err != nil || f != (Facts{Images: 2, Size: 224}) {
		t.Errorf("of nothing that can be read: %+v, %v", f, err)
	}
	stopped, stop := context.WithCancel(context.Background())
	stop()
	if _, err := Look(stopped, all, Options{Most: 5, Size: 224}); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}

// TestRanks: rank 0 looks, and the others decide as it does, without the images.
func TestRanks(t *testing.T) {
	dir := folder(t, 70, func(int) image.Image { return square(105, rings) }, nil)
	const ranks = 2
	var all [ranks]*setting.Layers
	var said [ranks]string
	var opened [ranks]bool
	var errs [ranks]error
	shardtest.Run(t, ranks, func(c shard.Carrier) {
		l := layers(t, "", nil)
		if l.Config.Data = dir; c.Rank() > 0 {
			l.Config.Data = "nowhere"
		}
		var src *data.Source
		src, said[c.Rank()], errs[c.Rank()] = Decide(context.Background(), l, shard.New(ranks, c))
		if all[c.Rank()], opened[c.Rank()] = l, src != nil; src != nil {
			src.Close()
		}
	})
	for r, l := range all {
		if errs[r] != nil || l.Config.Size != drawingSize || said[r] == "" || said[r] != said[0] || opened[r] != (r == 0) {
			t.Errorf("rank %d: size %d, said %q, opened %v, %v", r, l.Config.Size, said[r], opened[r], errs[r])
		}
	}
}

// TestDemo: the built-in images are not looked at unless the preset is asked for.
func TestDemo(t *testing.T) {
	l := layers(t, "", map[string]any{"data": data.Demo(3)})
	if src, said, err := Decide(context.Background(), l, nil); src != nil || said != "" || err != nil || l.Config.Preset != "" {
		t.Errorf("%v, %q, %v, preset %q", src, said, err, l.Config.Preset)
	}
	l = layers(t, "preset: auto\n", map[string]any{"data": data.Demo(3)})
	src, said, err := Decide(context.Background(), l, nil)
	if err != nil || said == "" || src == nil || l.Config.Size != drawingSize {
		t.Fatalf("asked for: %q, %v, size %d", said, err, l.Config.Size)
	}
	src.Close()
}

// TestNowhere: what cannot be opened is left to what opens it next, and said.
func TestNowhere(t *testing.T) {
	l := layers(t, "", map[string]any{"data": filepath.Join(t.TempDir(), "nowhere")})
	src, said, err := Decide(context.Background(), l, nil)
	if src != nil || said != "" || err != nil || l.Settings()["preset"].Why == "" {
		t.Errorf("%v, %q, %v, %q", src, said, err, l.Settings()["preset"].Why)
	}
}

// BenchmarkLook is a look at 1,000 of 1,200 drawings in a folder.
func BenchmarkLook(b *testing.B) {
	dir := b.TempDir()
	for i := range 1200 {
		im := square(105, func(x, y int) uint8 {
			return rings(x, y) ^ uint8(rng.Key{Sample: uint32(i), Op: rng.OpBench}.At(0)[0]&1)
		})
		var out bytes.Buffer
		if err := png.Encode(&out, im); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%04d.png", i)), out.Bytes(), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	src, err := data.Open(dir, data.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer src.Close()
	for b.Loop() {
		if _, err := Look(context.Background(), src.Split("all"), Options{Most: mostLooked, Size: 224, Workers: 2}); err != nil {
			b.Fatal(err)
		}
	}
}
