package loader

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/cache"
	"udml-gpu/engine/data/datatest"
	"udml-gpu/kernels"
	"udml-gpu/kernels/augment"
	"udml-gpu/kernels/rng"
)

// cacheOf is n small images, decoded.
func cacheOf(t testing.TB, n int, o cache.Options) *cache.Cache {
	t.Helper()
	s, err := data.Open(datatest.Tree(t, datatest.NumberedImages(n)), data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c, err := cache.Build(context.Background(), s.Split("train"), o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func smallCache(t testing.TB, n int) *cache.Cache {
	return cacheOf(t, n, cache.Options{Size: 9, Channels: 3, RAM: 1 << 20})
}

var testRanges = augment.Ranges{Flip: 0.5, Rotate: 20, ScaleLo: 0.8, ScaleHi: 1.2, Shift: 1, Crop: true}

// two are views of one size.
func two(size int, first, second augment.Ranges) []View { return []View{{size, first}, {size, second}} }

// collect copies the batches of an epoch.
func collect(l *Loader, epoch, first int) (samples, labels []int32, images [][]float32) {
	for b := range l.Epoch(epoch, first) {
		samples, labels = append(samples, b.Samples...), append(labels, b.Labels...)
		images = append(images, slices.Clone(kernels.Data[float32](b.Images[0])))
	}
	return samples, labels, images
}

func TestLoader(t *testing.T) {
	c := smallCache(t, 23)
	for _, workers := range []int{1, 2, 7} {
		dev := kernels.CPU()
		o := Options{Batch: 5, Views: two(7, augment.Ranges{Crop: true}, testRanges), Seed: 4, Workers: workers}
		l := New(dev, c, o)
		if l.Batches() != 5 {
			t.Fatalf("%d batches", l.Batches())
		}
		for epoch := range 3 {
			samples, labels, images := collect(l, epoch, 0)
			want := rng.Key{Seed: 4, Epoch: uint32(epoch), Op: rng.OpShuffle}.Permutation(23)
			if !slices.Equal(samples, want) || len(images[4]) != 2*3*7*7*3 {
				t.Fatalf("epoch %d: %v, %d", epoch, samples, len(images[4]))
			}
			for i, s := range samples {
				if labels[i] != c.Label(int(s)) {
					t.Fatal("labels do not belong to the samples")
				}
			}
			checkViews(t, c, o, epoch, samples, images)
			_, _, rest := collect(l, epoch, 3)
			if len(rest) != 2 || !slices.Equal(rest[0], images[3]) || !slices.Equal(rest[1], images[4]) {
				t.Fatal("an epoch entered in the middle continues differently")
			}
		}
		l.Close()
		if dev.LiveBytes() != 0 {
			t.Fatalf("%d bytes live", dev.LiveBytes())
		}
	}
}

// checkViews makes every view again, one at a time, and compares.
func checkViews(t *testing.T, c *cache.Cache, o Options, epoch int, samples []int32, images [][]float32) {
	t.Helper()
	row := 7 * 7 * 3
	want := make([]float32, row)
	for i, s := range samples {
		batch, at := i/o.Batch, i%o.Batch
		n := len(images[batch]) / row / 2
		for v, r := range []augment.Ranges{o.Views[0].Ranges, o.Views[1].Ranges} {
			key := rng.Key{Seed: o.Seed, Epoch: uint32(epoch), Sample: uint32(s), Op: rng.OpAugment, View: uint16(v)}
			augment.Affine(want, c.Pixels(int(s)), 9, 9, 3, 7, r.Matrix(key, 9, 9, 7), false)
			if !slices.Equal(want, images[batch][(v*n+at)*row:(v*n+at+1)*row]) {
				t.Fatalf("epoch %d, sample %d, view %d differs", epoch, s, v)
			}
		}
	}
}

// TestOwnImages: a loader that makes the images of some shards alone makes the rows that one of all makes of them, shard by shard, and
// says which images the whole batch holds; also of a smaller last batch, in which a shard is empty.
func TestOwnImages(t *testing.T) {
	c, dev := smallCache(t, 11), kernels.CPU()
	o := Options{Batch: 5, Views: append(two(7, augment.Ranges{Crop: true}, testRanges), View{5, testRanges}), Seed: 4, Workers: 2}
	whole := New(dev, c, o)
	o.Own = func(n int) [][2]int { return [][2]int{{0, n / 3}, {n / 2, n}} }
	own := New(dev, c, o)
	var all [][2][]float32
	var shown [][]int32
	for b := range whole.Epoch(1, 0) {
		all = append(all, [2][]float32{slices.Clone(kernels.Data[float32](b.Images[0])), slices.Clone(kernels.Data[float32](b.Images[1]))})
		shown = append(shown, slices.Clone(b.Samples))
	}
	batch := 0
	for b := range own.Epoch(1, 0) {
		n := len(b.Samples)
		if !slices.Equal(b.Samples, shown[batch]) {
			t.Errorf("batch %d shows %v, want %v", batch, b.Samples, shown[batch])
		}
		for group, views := range []int{2, 1} {
			size, want := len(all[batch][group])/(views*n), []float32(nil)
			for _, r := range o.Own(n) {
				for v := range views {
					want = append(want, all[batch][group][(v*n+r[0])*size:(v*n+r[1])*size]...)
				}
			}
			if got := kernels.Data[float32](b.Images[group]); !slices.Equal(got, want) {
				t.Errorf("batch %d of %d images: the views of size %d are others", batch, n, b.Images[group].Dim(1))
			}
		}
		batch++
	}
	whole.Close()
	own.Close()
	c.Close()
	if batch != 3 || dev.LiveBytes() != 0 {
		t.Errorf("%d batches, %d bytes live", batch, dev.LiveBytes())
	}
}

func TestLoaderLeavesNoGoroutines(t *testing.T) {
	c := smallCache(t, 40)
	before := runtime.NumGoroutine()
	l := New(kernels.CPU(), c, Options{Batch: 4, Views: two(7, testRanges, testRanges), Workers: 4})
	defer l.Close()
	for stop := range 11 {
		n := 0
		for range l.Epoch(stop, 0) {
			if n++; n > stop {
				break
			}
		}
	}
	func() {
		defer func() { _ = recover() }()
		for range l.Epoch(0, 0) {
			panic("the step failed")
		}
	}()
	for range l.Epoch(0, 99) {
		t.Fatal("there is no batch 99")
	}
	deadline := time.Now().Add(time.Minute) // a finished goroutine takes a moment to disappear
	for runtime.NumGoroutine() > before {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
		time.Sleep(time.Millisecond)
	}
	if _, _, images := collect(l, 1, 0); len(images) != 10 {
		t.Fatal("a loop after a broken one is short")
	}
}

func TestLoaderBatchLargerThanData(t *testing.T) {
	l := New(kernels.CPU(), smallCache(t, 2), Options{Batch: 64, Views: two(9, augment.Ranges{}, augment.Ranges{})})
	defer l.Close()
	samples, _, images := collect(l, 0, 0)
	if l.Batches() != 1 || len(samples) != 2 || len(images[0]) != 4*9*9*3 {
		t.Fatal(l.Batches(), samples)
	}
}

func TestLoaderAllocatesNothingPerBatch(t *testing.T) {
	l := New(kernels.CPU(), smallCache(t, 400), Options{Batch: 2, Views: two(7, testRanges, testRanges)})
	defer l.Close()
	epoch := func() {
		for range l.Epoch(0, 0) {
		}
	}
	if n := testing.AllocsPerRun(3, epoch); n > 60 {
		t.Fatalf("%g allocations in an epoch of 200 batches", n)
	}
}

func BenchmarkLoader(b *testing.B) {
	for _, s := range []struct{ cached, size, channels int }{{35, 32, 1}, {88, 80, 3}} {
		b.Run(fmt.Sprintf("%dpx", s.size), func(b *testing.B) {
			c := cacheOf(b, 256, cache.Options{Size: s.cached, Channels: s.channels, RAM: 1 << 30})
			l := New(kernels.CPU(), c, Options{Batch: 64, Views: two(s.size, augment.Ranges{Crop: true, Flip: 0.5}, testRanges)})
			start, views := time.Now(), 0
			for i := 0; b.Loop(); i++ {
				for batch := range l.Epoch(i, 0) {
					views += batch.Images[0].Dim(0)
				}
			}
			b.ReportMetric(float64(views)/time.Since(start).Seconds(), "views/s")
			l.Close()
		})
	}
}
