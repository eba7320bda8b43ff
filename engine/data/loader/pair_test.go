package loader

import (
	"slices"
	"testing"

	"udml-gpu/engine/data/cache"
	"udml-gpu/kernels"
	"udml-gpu/kernels/augment"
	"udml-gpu/kernels/rng"
)

// nextOf is image i+1 as the neighbour of image i, and none for the last.
func nextOf(n int) []int32 {
	list := make([]int32, n)
	for i := range list {
		list[i] = int32(i) + 1
	}
	list[n-1] = -1
	return list
}

// TestPairWith: about half of the second views show the neighbour, others in each epoch, the same with any number of workers
// and from any batch on; every view is that of the image it shows, by that image's numbers.
func TestPairWith(t *testing.T) {
	const n = 403
	c := smallCache(t, n)
	o := Options{Batch: 5, Size: 7, First: augment.Ranges{Crop: true}, Second: testRanges, Seed: 4, Neighbours: true}
	var want []int32
	for _, o.Workers = range []int{1, 2, 7} {
		l := New(kernels.CPU(), c, o)
		l.PairWith(nextOf(n))
		first := pairs(t, l, c, 1, 0)
		if o.Workers == 1 {
			want = first
		}
		if !slices.Equal(first, want) {
			t.Fatalf("%d workers pair otherwise than 1", o.Workers)
		}
		if other := pairs(t, l, c, 2, 0); slices.Equal(other, want) {
			t.Fatal("two epochs pair alike")
		}
		seen := 0
		for i, shown := range pairs(t, l, c, 1, 79) {
			if shown >= 0 {
				seen++
			}
			if shown >= 0 && shown != want[i] {
				t.Fatal("an epoch entered in the middle pairs otherwise")
			}
		}
		if seen != 8 {
			t.Fatalf("%d images in the last two batches", seen)
		}
		l.Close()
	}
	neighbours := 0
	for _, s := range want {
		neighbours += int(s)
	}
	if neighbours < n/2-50 || neighbours > n/2+50 { // five standard deviations of a fair coin
		t.Errorf("%d of %d second views show the neighbour", neighbours, n)
	}
}

// pairs is, for each image, 1 where its second view shows the neighbour, 0 where it does not, and -1 for images of batches
// before the first.
func pairs(t *testing.T, l *Loader, c *cache.Cache, epoch, first int) []int32 {
	t.Helper()
	list := slices.Repeat([]int32{-1}, c.Len())
	for b := range l.Epoch(epoch, first) {
		for i, s := range b.Samples {
			shown := b.Second[i]
			if shown != s && (shown != s+1 || int(shown) == c.Len()) {
				t.Fatalf("image %d is paired with %d", s, shown)
			}
			list[s] = shown - s
		}
		checkRows(t, l, b, epoch)
	}
	return list
}

// checkRows makes every view of a batch again, one by one.
func checkRows(t *testing.T, l *Loader, b *Batch, epoch int) {
	t.Helper()
	const row = 7 * 7 * 3
	images, want := kernels.Data[float32](b.Images), make([]float32, row)
	for i, s := range slices.Concat(b.Samples, b.Second) {
		ranges, view := l.o.First, 0
		if i >= len(b.Samples) {
			ranges, view = l.o.Second, 1
		}
		key := rng.Key{Seed: l.o.Seed, Epoch: uint32(epoch), Sample: uint32(s), Op: rng.OpAugment, View: uint16(view)}
		augment.Affine(want, l.cache.Pixels(int(s)), 9, 9, 3, 7, ranges.Matrix(key, 9, 9, 7), false)
		if !slices.Equal(want, images[i*row:(i+1)*row]) {
			t.Fatalf("epoch %d, row %d is not that view of image %d", epoch, i, s)
		}
	}
}

// TestFillPairs: a step learns which image each row shows.
func TestFillPairs(t *testing.T) {
	dev := kernels.CPU()
	l := New(dev, smallCache(t, 9), Options{Batch: 9, Size: 7, First: testRanges, Second: testRanges, Seed: 1, Neighbours: true})
	defer l.Close()
	l.PairWith(nextOf(9))
	images, samples, labels := dev.New(kernels.Float32, 18, 7, 7, 3), dev.New(kernels.Int32, 18), dev.New(kernels.Int32, 9)
	for b := range l.Epoch(1, 0) {
		b.Fill(images, samples, labels)
		if got := kernels.Data[int32](samples); !slices.Equal(got, slices.Concat(b.Samples, b.Second)) || slices.Equal(b.Samples, b.Second) {
			t.Fatalf("samples %v of %v and %v", got, b.Samples, b.Second)
		}
	}
}

// TestPairWithNobody: without neighbours, or after they were taken away, both views show one image.
func TestPairWithNobody(t *testing.T) {
	l := New(kernels.CPU(), smallCache(t, 9), Options{Batch: 4, Size: 7, First: testRanges, Second: testRanges, Neighbours: true})
	defer l.Close()
	alone := func(when string) {
		for b := range l.Epoch(1, 0) {
			if !slices.Equal(b.Samples, b.Second) {
				t.Fatalf("%s: %v and %v", when, b.Samples, b.Second)
			}
		}
	}
	alone("before")
	l.PairWith(slices.Repeat([]int32{-1}, 9))
	alone("nobody has a neighbour")
	l.PairWith(nextOf(9))
	l.PairWith(nil)
	alone("after")
}
