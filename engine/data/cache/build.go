package cache

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/picture"
	"udml-gpu/models/disk"
)

// Options say what BuildCache makes of a set.
type Options struct {
	Size, Channels int    // of the cached images; Channels is 1 or 3
	ResizeMode     string // squash, or shorter: the shorter side becomes Size and the square in the middle is kept; "": squash
	Interpolation  string // bilinear, bicubic or lanczos, antialiased; "": bilinear
	RAM            int64  // bytes to keep in memory; a larger cache goes to a mapped file
	Dir            string // of that file; "" is the system's folder for temporary files
	Keep           string // folder of caches that outlive the process, for OpenCache; "": none
	MaxPixels      int64  // of an image; larger ones cannot be read; 0: DefaultMaxPixels
	MaxBad         int    // images that may be skipped; -1: the larger of 1 % and 5
	Workers        int    // 0: one a core

	Progress func(done, total int)        // called now and then, from one goroutine at a time; may be nil
	Warn     func(name string, err error) // called at the end for each skipped image, in order; may be nil
	Remade   func(why error)              // called when the images in Keep cannot be used and are decoded again; may be nil

	disk disk.FS // that the file in Keep is written on; nil: the machine's
}

func (o Options) fs() disk.FS {
	if o.disk == nil {
		return disk.OS
	}
	return o.disk
}

// target is what the images are made.
func (o Options) target() picture.Target {
	return picture.Target{Size: o.Size, Channels: o.Channels, ResizeMode: o.ResizeMode, Interpolation: o.Interpolation}
}

func (o Options) imageBytes() int { return o.Size * o.Size * o.Channels }

// check refuses what no cache can be made of.
func (o Options) check(set *data.Set) error {
	if set == nil || len(set.Items) == 0 {
		return baddata.Errorf("the data set holds no images")
	}
	return o.target().Check()
}

// Build decodes every image of the set and resizes it to Size x Size. The result does not depend on the number of
// workers. Images that cannot be read are skipped up to MaxBad, then the result is an *Error that names the first few;
// likewise when none can be read. When ctx ends first, its error is returned.
func Build(ctx context.Context, set *data.Set, o Options) (*Cache, error) {
	if err := o.check(set); err != nil {
		return nil, err
	}
	st, err := newStore(len(set.Items), o.imageBytes(), o.RAM, o.Dir)
	if err != nil {
		return nil, err
	}
	return newBuilder(set, o, st).build(ctx)
}

// badLimit is how many of n images may be damaged.
func badLimit(maxBad, n int) int {
	if maxBad >= 0 {
		return maxBad
	}
	return max(n/100, 5)
}

// builder is one run of BuildCache: workers take the images one by one.
type builder struct {
	set    *data.Set
	o      Options
	store  *store
	maxBad int
	next   atomic.Int64
	stop   atomic.Bool

	mu    sync.Mutex // guards what follows
	done  int
	bad   []badImage
	fatal error
}

type badImage struct {
	index int
	err   error
}

func newBuilder(set *data.Set, o Options, st *store) *builder {
	return &builder{set: set, o: o, store: st, maxBad: badLimit(o.MaxBad, len(set.Items))}
}

// build fills the store; without a cache it is closed.
func (b *builder) build(ctx context.Context) (*Cache, error) {
	b.run(ctx)
	err := b.verdict(ctx)
	if err == nil {
		err = b.store.seal(len(b.set.Items))
	}
	if err != nil {
		_ = b.store.close()
		return nil, err
	}
	return b.cache(), nil
}

// unreadError is a fault of reading a file, not of what stands in it.
type unreadError struct{ error }

func (e *unreadError) Unwrap() error { return e.error }

func (b *builder) run(ctx context.Context) {
	workers := b.o.Workers
	if workers < 1 {
		workers = runtime.GOMAXPROCS(0)
	}
	var wait sync.WaitGroup
	for range min(workers, len(b.set.Items)) {
		wait.Go(func() { b.work(ctx) })
	}
	wait.Wait()
}

func (b *builder) work(ctx context.Context) {
	r := picture.NewResizer(b.o.target())
	pix := make([]uint8, b.store.size)
	for ctx.Err() == nil && !b.stop.Load() {
		i := int(b.next.Add(1) - 1)
		if i >= len(b.set.Items) {
			return
		}
		bad := b.decode(i, r, pix)
		var fatal error
		if bad == nil {
			fatal = b.store.put(i, pix)
		}
		b.note(i, bad, fatal)
	}
}

func (b *builder) decode(i int, r *picture.Resizer, pix []uint8) error {
	raw, err := b.set.ReadImage(i)
	if err != nil {
		return &unreadError{err}
	}
	im, err := picture.Decode(raw, b.o.MaxPixels)
	if err != nil {
		return err
	}
	if im, err = b.set.Items[i].Box.Crop(im); err != nil {
		return err
	}
	r.To(pix, im)
	return nil
}

// note counts an image as done and ends the run when too much went wrong.
func (b *builder) note(i int, bad, fatal error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.done++
	if bad != nil {
		b.bad = append(b.bad, badImage{i, bad})
	}
	if b.fatal == nil {
		b.fatal = fatal
	}
	if b.fatal != nil || len(b.bad) > b.maxBad {
		b.stop.Store(true)
	}
	if b.o.Progress != nil {
		b.o.Progress(b.done, len(b.set.Items))
	}
}

// verdict is what the run ends with when it ends without a cache.
func (b *builder) verdict(ctx context.Context) error {
	slices.SortFunc(b.bad, func(x, y badImage) int { return cmp.Compare(x.index, y.index) })
	total := len(b.set.Items)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case b.fatal != nil:
		return b.fatal
	case len(b.bad) == total:
		return baddata.Errorf("%s: none of %d images can be read: %s", b.set.SourceName(), total, b.examples())
	case len(b.bad) > b.maxBad:
		return baddata.Errorf("%s: more than %d of %d images cannot be read (the limit is --max-bad): %s", b.set.SourceName(), b.maxBad, total, b.examples())
	}
	return nil
}

// examples are the first few bad images with their reasons.
func (b *builder) examples() string {
	var parts []string
	for _, bad := range b.bad[:min(len(b.bad), 3)] {
		parts = append(parts, fmt.Sprintf("%s: %v", b.set.Items[bad.index].Name, bad.err))
	}
	if len(b.bad) > len(parts) {
		parts = append(parts, "...")
	}
	return strings.Join(parts, "; ")
}

// cache is the result: the images without the bad ones.
func (b *builder) cache() *Cache {
	c := newCache(b.set.SourceName(), b.o.Size, b.o.Channels, b.store)
	c.ks, c.roles = b.set.Ks, b.set.HasRoles()
	bad := b.bad
	for i, item := range b.set.Items {
		if len(bad) > 0 && bad[0].index == i {
			c.skipped = append(c.skipped, data.Skip{Name: item.Name, Err: bad[0].err})
			if b.o.Warn != nil {
				b.o.Warn(item.Name, bad[0].err)
			}
			bad = bad[1:]
			continue
		}
		c.items = append(c.items, item)
		c.slots = append(c.slots, int32(i))
	}
	return c
}
