package cache

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/archive"
	"udml-gpu/models/disk"
)

// Open is Build that keeps the images in a file in the folder o.Keep, and takes them from that file as long as it matches
// the data set, the recipe and the decoders. A file that does not match or is damaged is replaced, and o.Remade is
// called with the reason. Without o.Keep it is Build.
func Open(ctx context.Context, set *data.Set, o Options) (*Cache, error) {
	if o.Keep == "" {
		return Build(ctx, set, o)
	}
	if err := o.check(set); err != nil {
		return nil, err
	}
	disk.RemoveUnlocked(o.Keep, pendingExtension) // leftovers of processes that were killed
	k := &cacheOpener{set: set, o: o, path: filepath.Join(o.Keep, cacheName(set, o)), key: contentKey(set, o)}
	c, err := k.reuse(ctx)
	if why := cacheFault(""); !errors.As(err, &why) {
		return c, err
	} else if why != noCache && o.Remade != nil {
		o.Remade(fmt.Errorf("%s %s", k.path, why))
	}
	return k.build(ctx)
}

// noCache is the reason that there is no file yet.
const noCache = cacheFault("does not exist")

// cacheOpener opens or makes one file of cached images.
type cacheOpener struct {
	set  *data.Set
	o    Options
	path string
	key  string
}

// reuse opens the file. A cacheFault is the reason why it cannot be used.
func (k *cacheOpener) reuse(ctx context.Context) (*Cache, error) {
	f, info, err := disk.Open(k.path)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return nil, noCache
	case errors.Is(err, disk.ErrNotRegular):
		return nil, faultf("is not a regular file")
	case err != nil:
		return nil, faultf("cannot be opened: %v", archive.PlainCause(err))
	}
	index, err := k.matchingIndex(f, info.Size())
	if err != nil {
		f.Close()
		return nil, err
	}
	b := newBuilder(k.set, k.o, &store{size: index.ImageBytes, base: cachePixels, file: disk.OSFile{File: f}})
	for _, s := range index.Skipped {
		b.bad = append(b.bad, badImage{index: s.Image, err: errors.New(s.Why)})
	}
	if err = b.failure(ctx); err == nil {
		if err = b.store.mapFile(len(k.set.Items)); err != nil {
			err = faultf("cannot be used: %v", err)
		}
	}
	if err != nil {
		_ = b.store.close()
		return nil, err
	}
	c := b.cache()
	c.reused = true
	if c.listing() == index.Listing {
		c.fingerprint = func() string { return index.Fingerprint }
	}
	return c, nil
}

// matchingIndex is the index of the file if it holds the requested images.
func (k *cacheOpener) matchingIndex(f io.ReaderAt, size int64) (x cacheIndex, err error) {
	if x, err = readCacheIndex(f, size); err != nil {
		return x, err
	}
	if x.Key != k.key || x.Images != len(k.set.Items) || x.ImageBytes != k.o.imageBytes() {
		return x, faultf("holds an earlier state of the data set, or images from another decoder")
	}
	for _, s := range x.Skipped {
		if !s.Unread {
			continue
		}
		if _, err := k.set.ReadImage(s.Image); err == nil {
			return x, faultf("lacks %s, which could not be read then but can be now", k.set.Items[s.Image].Name)
		}
	}
	return x, nil
}

// build decodes the images into a new file, which replaces the old one in the folder once it is complete.
func (k *cacheOpener) build(ctx context.Context) (*Cache, error) {
	total := int64(len(k.set.Items)) * int64(k.o.imageBytes())
	p, err := newPending(k.o.fs(), k.o.Keep, cachePixels+total)
	if err != nil {
		return nil, err
	}
	defer p.abandon()
	b := newBuilder(k.set, k.o, &store{size: k.o.imageBytes(), base: cachePixels, file: p.file, folder: k.o.Keep})
	c, err := b.build(ctx)
	if err != nil {
		return nil, err
	}
	index := &cacheIndex{
		Source: k.set.SourceName(), Split: k.set.Name, Recipe: k.o.target().Recipe(), Key: k.key, Images: len(k.set.Items),
		ImageBytes: k.o.imageBytes(), Skipped: b.skips(), Listing: c.listing(), Fingerprint: c.Fingerprint(),
	}
	if err := p.commit(k.path, index, total); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// skips are the skipped images in the form of the index.
func (b *builder) skips() []cacheSkip {
	skips := []cacheSkip{}
	for _, bad := range b.bad {
		why, unread := bad.err.Error(), (*unreadError)(nil)
		why = strings.ToValidUTF8(why[:min(len(why), maxWhy)], "?") // JSON replaces an invalid byte by several
		skips = append(skips, cacheSkip{bad.index, why, errors.As(bad.err, &unread)})
	}
	return skips
}
