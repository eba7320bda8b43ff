// Package cache holds the decoded images of a set, in memory or in a mapped file, and makes random views and crops of them.
package cache

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"sync"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/kernels"
)

// Cache is a set decoded once: every image as uint8 [size,size,channels], in byte order of the names. All methods may
// be called from several goroutines at once, up to Close.
type Cache struct {
	source         string
	size, channels int
	items          []data.Item
	slots          []int32 // place of each item in the store: skipped images leave gaps
	store          *store
	skipped        []data.Skip
	ks             []int
	roles          bool // some images of the set are queries, some a gallery, even if none of them could be read
	fingerprint    func() string
	reused         bool           // the images come from a file of an earlier run
	resident       *kernels.Array // the images on a GPU, uint8 [N,size,size,channels]; nil: not there
}

func newCache(source string, size, channels int, st *store) *Cache {
	c := &Cache{source: source, size: size, channels: channels, store: st}
	c.fingerprint = sync.OnceValue(c.hash)
	return c
}

// Len is the number of images.
func (c *Cache) Len() int { return len(c.items) }

// Size is the height and width of the cached images.
func (c *Cache) Size() int { return c.size }

// Channels is 1 for grey, 3 for RGB.
func (c *Cache) Channels() int { return c.channels }

// ImageBytes is the size of an image in bytes.
func (c *Cache) ImageBytes() int { return c.size * c.size * c.channels }

// Pixels is image i, [size,size,channels] in memory that the cache owns; it must not be written, nor used after Close.
func (c *Cache) Pixels(i int) []uint8 { return c.store.image(int(c.slots[i])) }

// Err is an *Error once images could no longer be read, because the disk or network volume of their file is gone.
// Unreadable images come back black: discard what was computed since Err last returned nil.
func (c *Cache) Err() error { return c.store.err(c.source) }

// Name is the path of image i inside its source.
func (c *Cache) Name(i int) string { return c.items[i].Name }

// Label is the class of image i, -1 when unknown.
func (c *Cache) Label(i int) int32 { return c.items[i].Label }

// Labels are the classes of all images, -1 where unknown.
func (c *Cache) Labels() []int32 {
	labels := make([]int32, len(c.items))
	for i, item := range c.items {
		labels[i] = item.Label
	}
	return labels
}

// Labelled tells whether every image has a label.
func (c *Cache) Labelled() bool { return len(c.items) > 0 && c.Unlabelled() == 0 }

// Unlabelled is the number of images without a label.
func (c *Cache) Unlabelled() int {
	n := 0
	for _, item := range c.items {
		if item.Label < 0 {
			n++
		}
	}
	return n
}

// ClassCount is the number of classes that have an image in the cache.
func (c *Cache) ClassCount() int {
	classes := map[int32]bool{}
	for _, item := range c.items {
		if item.Label >= 0 {
			classes[item.Label] = true
		}
	}
	return len(classes)
}

// Ks are the K of Recall@K in the data set's own protocol; nil: it has none.
func (c *Cache) Ks() []int { return c.ks }

// Skipped are the images that could not be read, in byte order of their names.
func (c *Cache) Skipped() []data.Skip { return c.skipped }

// Reused tells whether the images were taken from the folder Options.Keep and not decoded.
func (c *Cache) Reused() bool { return c.reused }

// WantImages is an *Error unless the cache holds at least n images; training needs 2.
func (c *Cache) WantImages(n int) error {
	if len(c.items) < n {
		return baddata.Errorf("%s holds %d image(s) that can be read: expected at least %d", c.source, len(c.items), n)
	}
	return nil
}

// Fingerprint is the SHA-256 of all data that training depends on: size, names, labels and pixels, in hex.
// It is computed at the first call.
func (c *Cache) Fingerprint() string { return c.fingerprint() }

func (c *Cache) hash() string {
	h := sha256.New()
	number := func(v int) { h.Write(binary.LittleEndian.AppendUint64(nil, uint64(v))) }
	number(c.size)
	number(c.channels)
	number(len(c.items))
	for i, item := range c.items {
		number(len(item.Name))
		h.Write([]byte(item.Name))
		number(int(item.Label))
		h.Write(c.Pixels(i))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// listing is a SHA-256, in hex, of the names and labels of the images: the part of the fingerprint without pixels.
func (c *Cache) listing() string {
	h := sha256.New()
	var b []byte
	for i, item := range c.items {
		b = binary.LittleEndian.AppendUint64(b[:0], uint64(len(item.Name)))
		b = append(b, item.Name...)
		h.Write(binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(b, uint64(i)), uint64(item.Label)))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Close frees the memory or the file, and the copy on a device. Closing twice does nothing.
func (c *Cache) Close() error {
	c.Evict()
	return c.store.close()
}
