package loader

import (
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/augment"
	"udml-gpu/kernels/rng"
)

// mixed is a plan of that many rows that shows images of n several times, unordered, every third with itself.
func mixed(rows, n int) *Plan {
	p := &Plan{First: make([]int32, rows), Second: make([]int32, rows), Labels: make([]int32, rows)}
	for i := range rows {
		p.First[i], p.Labels[i] = int32(i*7%n), int32(i)
		p.Second[i] = p.First[i]
		if i%3 > 0 {
			p.Second[i] = int32((i*7 + 5) % n)
		}
	}
	return p
}

// TestFollow: batches follow the plan, with any number of workers and from any batch on; every view is made from the image it
// shows, with that image's random numbers.
func TestFollow(t *testing.T) {
	const n, rows = 40, 53
	c, plan := smallCache(t, n), mixed(rows, n)
	for _, workers := range []int{1, 2, 7} {
		l := New(kernels.CPU(), c, Options{
			Batch: 5, Views: two(7, augment.Ranges{Crop: true}, testRanges), Seed: 4, Planned: true, Rows: rows, Workers: workers,
		})
		if l.Batches() != 11 {
			t.Fatalf("%d batches", l.Batches())
		}
		l.Follow(plan)
		for _, from := range []int{0, 9} {
			var first, second, labels []int32
			for b := range l.Epoch(1, from) {
				first, second, labels = append(first, b.Samples...), append(second, b.Second...), append(labels, b.Labels...)
				checkRows(t, l, b, 1)
			}
			if !slices.Equal(first, plan.First[5*from:]) || !slices.Equal(second, plan.Second[5*from:]) ||
				!slices.Equal(labels, plan.Labels[5*from:]) {
				t.Fatalf("from batch %d: %v and %v with labels %v", from, first, second, labels)
			}
		}
		l.Close()
	}
}

// checkRows makes every view of a batch again, one at a time, and compares.
func checkRows(t *testing.T, l *Loader, b *Batch, epoch int) {
	t.Helper()
	const row = 7 * 7 * 3
	images, want := kernels.Data[float32](b.Images[0]), make([]float32, row)
	for i, s := range slices.Concat(b.Samples, b.Second) {
		view := i / len(b.Samples)
		ranges := l.o.Views[view].Ranges
		key := rng.Key{Seed: l.o.Seed, Epoch: uint32(epoch), Sample: uint32(s), Op: rng.OpAugment, View: uint16(view)}
		augment.Affine(want, l.cache.Pixels(int(s)), 9, 9, 3, 7, ranges.Matrix(key, 9, 9, 7), false)
		if !slices.Equal(want, images[i*row:(i+1)*row]) {
			t.Fatalf("epoch %d, row %d is not that view of image %d", epoch, i, s)
		}
	}
}

// TestFillPlanned: Fill tells a step which image each row shows.
func TestFillPlanned(t *testing.T) {
	dev := kernels.CPU()
	l := New(dev, smallCache(t, 9), Options{Batch: 9, Views: two(7, testRanges, testRanges), Seed: 1, Planned: true})
	defer l.Close()
	l.Follow(mixed(9, 9))
	images, samples, labels := []*kernels.Array{
		dev.New(kernels.Float32, 18, 7, 7, 3),
	}, dev.New(
		kernels.Int32,
		18,
	), dev.New(
		kernels.Int32,
		9,
	)
	for b := range l.Epoch(1, 0) {
		b.Fill(images, samples, labels)
		if got := kernels.Data[int32](samples); !slices.Equal(got, slices.Concat(b.Samples, b.Second)) ||
			slices.Equal(b.Samples, b.Second) {
			t.Fatalf("samples %v of %v and %v", got, b.Samples, b.Second)
		}
	}
}

// TestFollowNothing: without a plan, or after it was removed, all views of a row show the same image, in the epoch's own order.
func TestFollowNothing(t *testing.T) {
	l := New(kernels.CPU(), smallCache(t, 9), Options{Batch: 4, Views: two(7, testRanges, testRanges), Planned: true})
	defer l.Close()
	alone := func(when string) {
		var all []int32
		for b := range l.Epoch(1, 0) {
			all = append(all, b.Samples...)
			if !slices.Equal(b.Samples, b.Second) {
				t.Fatalf("%s: %v and %v", when, b.Samples, b.Second)
			}
		}
		if !slices.Equal(all, Order(0, 1, 9)) {
			t.Fatalf("%s: %v", when, all)
		}
	}
	alone("before")
	l.Follow(mixed(9, 9))
	l.Follow(nil)
	alone("after")
	for _, wrong := range []*Plan{mixed(8, 9), {First: make([]int32, 9)}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%+v is followed", wrong)
				}
			}()
			l.Follow(wrong)
		}()
	}
}

// TestViewsOfSizes: views of several sizes and counts fill separate arrays; each is made by its number.
func TestViewsOfSizes(t *testing.T) {
	c := smallCache(t, 11)
	views := []View{{7, augment.Ranges{Crop: true}}, {7, testRanges}, {4, testRanges}, {4, testRanges}, {4, augment.Ranges{}}}
	if size, count := Sizes(views); !slices.Equal(size, []int{7, 4}) || !slices.Equal(count, []int{2, 3}) {
		t.Fatalf("sizes %v, counts %v", size, count)
	}
	dev := kernels.CPU()
	l := New(dev, c, Options{Batch: 4, Views: views, Seed: 3, Planned: true})
	l.Follow(mixed(11, 11))
	images := []*kernels.Array{dev.New(kernels.Float32, 6, 7, 7, 3), dev.New(kernels.Float32, 9, 4, 4, 3)}
	samples, labels := dev.New(kernels.Int32, 15), dev.New(kernels.Int32, 3)
	for b := range l.Epoch(2, 2) { // the last batch, of three rows
		b.Fill(images, samples, labels)
		for row, sample := range kernels.Data[int32](samples) {
			v, at, array := row/3, row, images[0]
			if v >= 2 {
				at, array = row-6, images[1]
			}
			if want := []int32{b.Samples[row%3], b.Second[row%3]}[min(v, 1)]; sample != want {
				t.Fatalf("row %d shows image %d, want %d", row, sample, want)
			}
			size := views[v].Size
			want := make([]float32, size*size*3)
			key := rng.Key{Seed: 3, Epoch: 2, Sample: uint32(sample), Op: rng.OpAugment, View: uint16(v)}
			augment.Affine(want, c.Pixels(int(sample)), 9, 9, 3, size, views[v].Ranges.Matrix(key, 9, 9, size), false)
			if got := kernels.Data[float32](array.Rows(at, at+1)); !slices.Equal(got, want) {
				t.Fatalf("row %d is not view %d of image %d", row, v, sample)
			}
		}
	}
	l.Close()
	for _, a := range append(images, samples, labels) {
		a.Free()
	}
	if dev.LiveBytes() != 0 {
		t.Errorf("%d bytes live", dev.LiveBytes())
	}
}
