package search

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"image"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/pictures"
	"udml-gpu/engine/data/archive"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/picture"
	"udml-gpu/engine/data/rawname"
	"udml-gpu/engine/inference"
	"udml-gpu/models/disk"
)

// Examples turns what a user names into vectors. The network is opened when an image has to be embedded that the collection does not
// hold, and not before.
type Examples struct {
	Collection *collection.Collection
	Open       func(ctx context.Context) (*inference.Embedder, error) // opens the collection's network
	Stdin      io.Reader
	Crop       picture.Box // the part of the images that is meant; zero: all of it
	Flip       bool        // the mean of the image and its mirror image is meant

	embedder *inference.Embedder
	pictures *pictures.Pictures
}

// Found is what an example is.
type Found struct {
	Vector []float32
	Item   int // with that content; -1: the collection has none
}

// itemPrefix is the start of an argument that is a path inside the collection, whatever files there are.
const itemPrefix = "item:"

// minID is how many hex digits of a content id name an item at least.
const minID = 8

// Find is the vector of an example: "-" is an image on standard input; else the image file of that name; else the item with that path
// or, of 8 digits or more, that beginning of a content id. "item:PATH" is always an item.
func (e *Examples) Find(ctx context.Context, name string) (Found, error) {
	if name == "-" {
		b, err := io.ReadAll(io.LimitReader(e.Stdin, archive.MaxFileBytes+1))
		if err != nil || int64(len(b)) > archive.MaxFileBytes {
			return Found{}, baddata.Errorf("the image on standard input cannot be read: %v", orTooLong(err))
		}
		return e.ofFile(ctx, "standard input", b)
	}
	if path, ok := strings.CutPrefix(name, itemPrefix); ok {
		return e.ofItem(ctx, path)
	}
	b, err := disk.ReadFile(name, archive.MaxFileBytes)
	switch {
	case err == nil:
		return e.ofFile(ctx, name, b)
	case errors.Is(err, fs.ErrNotExist) || isFolder(name):
		return e.ofItem(ctx, name)
	}
	return Found{}, baddata.Errorf("%s cannot be read: %w", name, err)
}

func orTooLong(err error) error {
	if err == nil {
		return disk.ErrTooLong
	}
	return err
}

func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// ofFile is the example of a file with that content.
func (e *Examples) ofFile(ctx context.Context, name string, b []byte) (Found, error) {
	sum := sha256.Sum256(b)
	at := e.byContent(hex.EncodeToString(sum[:]))
	if at >= 0 && e.whole() {
		return Found{e.Collection.Row(at), at}, nil
	}
	im, err := picture.Decode(b, 0)
	if err != nil {
		return Found{}, baddata.Errorf("%s: %w", name, err)
	}
	return e.embed(ctx, name, im, at)
}

// ofItem is the example of an item.
func (e *Examples) ofItem(ctx context.Context, name string) (Found, error) {
	at, err := e.item(name)
	if err != nil || e.whole() {
		if err != nil {
			return Found{}, err
		}
		return Found{e.Collection.Row(at), at}, nil
	}
	if e.pictures == nil {
		if e.pictures, err = pictures.Open(e.Collection); err != nil {
			return Found{}, err
		}
	}
	im, err := e.pictures.Image(at)
	if err != nil {
		return Found{}, err
	}
	return e.embed(ctx, name, im, at)
}

// whole tells whether the vector in the collection is the one that is meant.
func (e *Examples) whole() bool { return e.Crop == (picture.Box{}) && !e.Flip }

// byContent is a live item with that SHA-256 that was embedded as a whole; -1: there is none.
func (e *Examples) byContent(sum string) int {
	return slices.IndexFunc(e.Collection.Items, func(it collection.Item) bool {
		return it.SHA256 == sum && !it.Gone && it.Box == (picture.Box{})
	})
}

// item is the item of that path, or with that beginning of a content id.
func (e *Examples) item(name string) (int, error) {
	items := e.Collection.Items
	for _, path := range []string{name, rawname.Bytes(name)} { // as it is, and as JSON shows it
		at, ok := slices.BinarySearchFunc(items, path, func(it collection.Item, path string) int { return strings.Compare(it.Path, path) })
		if ok {
			return at, nil
		}
	}
	if len(name) >= minID && strings.Trim(name, "0123456789abcdef") == "" {
		for i := range items {
			if strings.HasPrefix(items[i].ID(), name) {
				return i, nil // of copies the first: they have one vector
			}
		}
	}
	return 0, baddata.Errorf("%s is neither an image file nor an image of %s: expected a file, a path as udml-gpu search prints them, or "+
		"the first %d or more digits of a content id", name, e.Collection.Path, minID)
}

// embed puts an image through the network.
func (e *Examples) embed(ctx context.Context, name string, im image.Image, at int) (Found, error) {
	if e.embedder == nil {
		var err error
		if e.embedder, err = e.Open(ctx); err != nil {
			return Found{}, err
		}
	}
	im, err := e.Crop.Crop(im)
	if err != nil {
		return Found{}, baddata.Errorf("--crop: %s: %w", name, err)
	}
	v, err := e.vector(im)
	if err == nil && e.Flip {
		var mirrored []float32
		if mirrored, err = e.vector(picture.Mirror(im)); err == nil {
			v = Sum([]Example{{v, 1}, {mirrored, 1}})
		}
	}
	if err != nil {
		return Found{}, baddata.Errorf("%s: %w", name, err)
	}
	return Found{v, at}, nil
}

// vector is the unit vector of an image.
func (e *Examples) vector(im image.Image) ([]float32, error) {
	v, err := e.embedder.Image(im)
	if err != nil {
		return nil, err
	}
	u := Sum([]Example{{v, 1}})
	if u == nil {
		return nil, errors.New("its vector is zero, which is like nothing")
	}
	return u, nil
}

// Close gives network and files back.
func (e *Examples) Close() {
	if e.embedder != nil {
		e.embedder.Close()
	}
	if e.pictures != nil {
		_ = e.pictures.Close()
	}
}
