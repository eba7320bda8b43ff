// Package collection is the folder that commands on embedded images share: a vector and a description of every image, and the network
// that they come from. One process writes it (Writer), many read it (Open); killed at any instant it is whole.
//
//	photos.udml/
//	  manifest.json          what it holds, and the files of the present generation; replaced as a whole
//	  vectors-000001.f32     [N,D] float32, little endian, unit rows, in the order of the items
//	  items-000001.parquet   N rows: path, content, size, label ...
//	  model/                 a run directory with the network, so that queries are embedded as the images were
//	  pending/               the work of a writer that is not done
//	  lock
package collection

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"unsafe"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/kernels"
	"udml-gpu/models/disk"
)

// Extension ends the name of a folder that is a collection.
const Extension = ".udml"

// IsName tells whether a path is to be read or written as a collection.
func IsName(path string) bool { return strings.HasSuffix(filepath.Clean(path), Extension) }

// ModelDir is the folder in a collection that holds its network, as a run directory.
const ModelDir = "model"

// Collection is an opened collection, of one generation: what a writer does meanwhile is not seen.
type Collection struct {
	Path     string
	Manifest Manifest
	Items    []Item // in byte order of their paths; item i has row i of the vectors

	vectors []float32
	release func() error
}

// attempts is how often Open follows a writer that replaces the files between the reading of the manifest and theirs.
const attempts = 5

// Open opens the collection at path for reading. Errors are *baddata.Error: no collection, one that was never finished, a newer
// version, a missing or damaged file. The vectors are mapped, not read. The caller closes it.
func Open(path string) (*Collection, error) {
	for n := 1; ; n++ {
		c, err := open(path)
		if err == nil || n == attempts || !errors.Is(err, fs.ErrNotExist) {
			return c, err
		}
	}
}

func open(path string) (*Collection, error) {
	m, err := ReadManifest(path)
	if err != nil {
		return nil, err
	}
	if m.Generation == 0 {
		return nil, baddata.Errorf("%s is not finished: its images are not embedded yet; udml-gpu embed --update %s goes on", path, path)
	}
	c := &Collection{Path: path, Manifest: *m}
	if c.Items, err = readItems(path, m); err != nil {
		return nil, err
	}
	if err := c.mapVectors(); err != nil {
		return nil, err
	}
	return c, nil
}

// mapVectors maps the rows.
func (c *Collection) mapVectors() error {
	f, err := openVectors(c.Path, &c.Manifest)
	if err != nil {
		return err
	}
	defer f.Close()
	size := c.Manifest.Vectors.Size
	if size == 0 {
		c.release = func() error { return nil }
		return nil
	}
	b, release, err := disk.OSFile{File: f}.Map(size)
	if err != nil {
		return baddata.Errorf("%s: its %s cannot be mapped: %w", c.Path, c.Manifest.Vectors.Name, err)
	}
	c.vectors, c.release = floats(b), release
	return nil
}

// openVectors opens the file of vectors that the manifest of the collection at path names.
func openVectors(path string, m *Manifest) (*os.File, error) {
	name := m.Vectors.Name
	f, info, err := disk.Open(filepath.Join(path, name))
	if err != nil {
		return nil, baddata.Errorf("%s: its %s cannot be opened: %w", path, name, err)
	}
	if info.Size() != m.Vectors.Size {
		_ = f.Close()
		return nil, baddata.Errorf("%s is damaged: its %s has %d bytes, expected %d; udml-gpu embed makes it anew",
			path, name, info.Size(), m.Vectors.Size)
	}
	return f, nil
}

// floats are the float32 of b, little endian: a view where the machine has that order.
func floats(b []byte) []float32 {
	if binary.NativeEndian.Uint16([]byte{1, 0}) == 1 {
		return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/4)
	}
	list := make([]float32, len(b)/4)
	for i := range list {
		list[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return list
}

// Len is the number of images, those that are gone included.
func (c *Collection) Len() int { return len(c.Items) }

// Dim is the number of columns of the vectors.
func (c *Collection) Dim() int { return c.Manifest.Dimensions }

// Row is the vector [D] of item i; it must not be written, nor used after Close.
func (c *Collection) Row(i int) []float32 { return c.vectors[i*c.Dim() : (i+1)*c.Dim()] }

// Rows are the vectors of items lo to hi as an array [hi-lo,D] of a CPU device; as for Row.
func (c *Collection) Rows(dev *kernels.Device, lo, hi int) *kernels.Array {
	return kernels.Wrap(dev, c.vectors[lo*c.Dim():hi*c.Dim()], hi-lo, c.Dim())
}

// Live are the indices of the items whose files were there at the last embed, ascending.
func (c *Collection) Live() []int {
	var list []int
	for i := range c.Items {
		if !c.Items[i].Gone {
			list = append(list, i)
		}
	}
	return list
}

// Model is the path of the run directory with the collection's network.
func (c *Collection) Model() string { return filepath.Join(c.Path, ModelDir) }

// Data is the data set that the images come from, as --data takes it: where it was when they were embedded or, where the
// collection and its images have moved together, where it is now.
func (c *Collection) Data() string { return c.Manifest.Source.At(c.Path) }

// Close unmaps the vectors.
func (c *Collection) Close() error { return c.release() }

// exists tells whether something is there.
func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
