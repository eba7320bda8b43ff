// Package collection is the folder that commands on embedded images share: a vector and a description of every image, and the network
// that they come from. One process writes it (Writer), many read it (Open); killed at any instant it is whole.
//
//	photos.udml/
//	  manifest.json          what it holds, and the files of the present generation; replaced as a whole
//	  vectors-000001.f32     [N,D] float32, little endian, unit rows, in the order of the items; or .f16, float16
//	  halves-000001.f16      the same in float16 beside float32, of large collections
//	  items-000001.parquet   N rows: path, content, size, label ...
//	  model/                 a run directory with the network, so that queries are embedded as the images were
//	  pending/               the work of a writer that is not done
//	  lock
package collection

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"udml-gpu/engine/data/baddata"
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

	vectors []float32 // nil where they are float16
	halves  []uint16  // the vectors, or their copies, in float16; nil where there are none
	release []func() error
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
		_ = c.Close()
		return nil, err
	}
	return c, nil
}

// Len is the number of images, those that are gone included.
func (c *Collection) Len() int { return len(c.Items) }

// Dim is the number of columns of the vectors.
func (c *Collection) Dim() int { return c.Manifest.Dimensions }

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
func (c *Collection) Close() error {
	var first error
	for _, release := range c.release {
		first = cmp.Or(first, release())
	}
	c.vectors, c.halves, c.release = nil, nil, nil
	return first
}

// exists tells whether something is there.
func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
