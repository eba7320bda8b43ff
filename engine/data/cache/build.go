package cache

import (
	"context"
	"image"
	"runtime"
	"sync"
	"sync/atomic"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/archive"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/picture"
	"udml-gpu/models/disk"
)

// AllBad is the Options.MaxBad with which even a set of which nothing can be read is no error.
const AllBad = 1 << 62

// Options say how Build decodes a set.
type Options struct {
	Size, Channels int    // of the cached images; Channels is 1 or 3
	ResizeMode     string // squash; shorter, shorter-floor: the shorter side becomes Size, and the middle is kept; "": squash
	Interpolation  string // bilinear, bicubic or lanczos, antialiased; "": bilinear
	RAM            int64  // bytes to keep in memory; a larger cache goes to a mapped file
	Dir            string // of that file; "": the system's folder for temporary files
	Keep           string // folder of caches that outlive the process, for Open; "": none
	MaxPixels      int64  // of an image; larger ones cannot be read; 0: DefaultMaxPixels
	MaxBad         int    // images that may be skipped; -1: the larger of 1 % and 5; AllBad: all of them
	Workers        int    // 0: one a core

	Progress func(done, total int)        // called repeatedly, from one goroutine at a time; may be nil
	Warn     func(name string, err error) // called at the end for each skipped image, in order; may be nil
	Remade   func(why error)              // called with the reason when the images in Keep cannot be used and are decoded again; may be nil

	// Look is given each image i of the set that was decoded: its file, the upright image, cropped to its box, and the pixels
	// made of it; all valid until it returns. It is called from several goroutines at a time, before the image is handed on. May be nil.
	Look func(i int, raw []byte, im image.Image, pix []uint8)

	disk disk.FS // where the file in Keep is written; nil: the operating system's
}

func (o Options) fs() disk.FS {
	if o.disk == nil {
		return disk.OS
	}
	return o.disk
}

// target is the form of the cached images.
func (o Options) target() picture.Target {
	return picture.Target{Size: o.Size, Channels: o.Channels, ResizeMode: o.ResizeMode, Interpolation: o.Interpolation}
}

// workers is how many goroutines decode n images.
func (o Options) workers(n int) int {
	if o.Workers < 1 {
		return min(runtime.GOMAXPROCS(0), n)
	}
	return min(o.Workers, n)
}

func (o Options) imageBytes() int { return o.Size * o.Size * o.Channels }

// check is an error where no cache can be made.
func (o Options) check(set *data.Set) error {
	if set == nil || len(set.Items) == 0 {
		return baddata.Errorf("the data set holds no images")
	}
	return o.target().Check()
}

// Build decodes every image of the set and resizes it to Size x Size. The result does not depend on the number of
// workers. Up to MaxBad images that cannot be read are skipped. With more, or when none can be read, the result is an *Error that
// names the first few. When ctx ends first, its error is returned.
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

// builder is one run of Build: workers take the images one by one.
type builder struct {
	o     Options
	store *store
	next  atomic.Int64
	stop  atomic.Bool

	mu sync.Mutex // guards the fields below
	unreadable
	done  int
	fatal error
}

func newBuilder(set *data.Set, o Options, st *store) *builder {
	return &builder{o: o, store: st, unreadable: unreadableOf(set, o)}
}

// build fills the store, and closes it on an error.
func (b *builder) build(ctx context.Context) (*Cache, error) {
	b.run(ctx)
	err := b.failure(ctx)
	if err == nil {
		err = b.store.seal(len(b.set.Items))
	}
	if err != nil {
		_ = b.store.close()
		return nil, err
	}
	return b.cache(), nil
}

func (b *builder) run(ctx context.Context) {
	defer context.AfterFunc(ctx, func() { archive.Interrupt(b.set.Files) })()
	var wait sync.WaitGroup
	for range b.o.workers(len(b.set.Items)) {
		wait.Go(func() { b.work(ctx) })
	}
	wait.Wait()
}

func (b *builder) work(ctx context.Context) {
	d := newDecoder(b.set, b.o)
	pix := make([]uint8, b.store.size)
	for ctx.Err() == nil && !b.stop.Load() {
		i := int(b.next.Add(1) - 1)
		if i >= len(b.set.Items) {
			return
		}
		bad := d.decode(i, pix)
		fatal := Lost(bad)
		if bad == nil {
			fatal = b.store.put(i, pix)
		}
		b.note(i, bad, fatal)
	}
}

// note counts an image as done, and ends the run on a fatal error or too many bad images.
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

// failure is the error of a run that gives no cache.
func (b *builder) failure(ctx context.Context) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case b.fatal != nil:
		return b.fatal
	}
	return b.tooMany()
}

// cache makes the result, without the bad images.
func (b *builder) cache() *Cache {
	c := newCache(b.set.SourceName(), b.o.Size, b.o.Channels, b.store)
	c.ks, c.roles = b.set.Ks, b.set.HasRoles()
	for _, skip := range b.skipped() {
		c.skipped = append(c.skipped, skip)
		if b.o.Warn != nil {
			b.o.Warn(skip.Name, skip.Err)
		}
	}
	bad := b.bad
	for i, item := range b.set.Items {
		if len(bad) > 0 && bad[0].index == i {
			bad = bad[1:]
			continue
		}
		c.items = append(c.items, item)
		c.slots = append(c.slots, int32(i))
	}
	return c
}
