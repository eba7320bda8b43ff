package collection

import (
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"path/filepath"
	"slices"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/models/disk"
	"udml-gpu/models/weights/file"
)

const (
	mapFile   = "map.safetensors"
	mapTensor = "map"
	mapAbout  = "about" // the key of its metadata that holds a Map in JSON
	maxMap    = 4 << 30
	maxPlace  = 1e6 // no map is so large
)

// Map is where the images lie in the plane: those that look alike lie together.
type Map struct {
	Items      string   `json:"items"`                     // SHA-256 of the file of items that it is of
	Vectors    string   `json:"vectors"`                   // and of their vectors
	Method     string   `json:"method"`                    // such as umap-2; another number places other points
	Images     int      `json:"images"`                    // on the map
	Neighbours int      `json:"neighbours"`                // of each image that it was made from
	MinDist    float64  `json:"min_dist"`                  // distance at which the nearest may lie
	Epochs     int      `json:"epochs"`                    // how often all were moved
	Seed       uint64   `json:"seed"`                      // of its random numbers
	Trust      *float64 `json:"trustworthiness,omitempty"` // of the map; none of 2 images or fewer
	StartTrust *float64 `json:"pca_trustworthiness,omitempty"`

	At []float32 `json:"-"` // [N,2] x and y of each item, y upwards; NaN where the image is gone
}

// Map reads the map of the collection. It is a *baddata.Error where there is none, or none of its present images.
func (c *Collection) Map() (*Map, error) {
	b, err := disk.ReadFile(filepath.Join(c.Path, mapFile), maxMap)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, baddata.Errorf("%s has no map yet: udml-gpu map %s makes it", c.Path, c.Path)
	case err != nil:
		return nil, baddata.Errorf("%s: its %s cannot be read: %w", c.Path, mapFile, err)
	}
	m, err := parseMap(b)
	if err == nil && (m.Items != c.Manifest.Items.SHA256 || m.Vectors != c.Manifest.Vectors.SHA256) {
		return nil, baddata.Errorf("the map of %s is of other images than it holds now: udml-gpu map %s makes it anew", c.Path, c.Path)
	}
	if err == nil {
		err = m.check(c.Items)
	}
	if err != nil {
		return nil, baddata.Errorf("%s: its %s is damaged: %v; udml-gpu map %s makes it anew", c.Path, mapFile, err, c.Path)
	}
	return m, nil
}

// parseMap reads what SetMap writes.
func parseMap(b []byte) (*Map, error) {
	f, err := file.Parse(b)
	if err != nil {
		return nil, err
	}
	m := &Map{}
	if err := json.Unmarshal([]byte(f.Metadata[mapAbout]), m); err != nil {
		return nil, errors.New("it does not say what it is of")
	}
	t, ok := f.Get(mapTensor)
	if !ok || t.DType != "F32" || len(t.Shape) != 2 || t.Shape[1] != 2 {
		return nil, errors.New("it has no two numbers for each image")
	}
	m.At, err = t.Float32s()
	return m, err
}

// check refuses what SetMap has not written for these items.
func (m *Map) check(items []Item) error {
	if len(m.At) != 2*len(items) {
		return errors.New("it has another number of images")
	}
	images := 0
	for i := range items {
		x, y := float64(m.At[2*i]), float64(m.At[2*i+1])
		switch {
		case items[i].Gone && math.IsNaN(x) && math.IsNaN(y):
		case items[i].Gone || !(math.Abs(x) <= maxPlace) || !(math.Abs(y) <= maxPlace): // or NaN
			return errors.New("a place is no number, or that of an image that is gone")
		default:
			images++
		}
	}
	if m.Images != images {
		return errors.New("it has another number of images")
	}
	return nil
}

// SetMap replaces the map of the collection.
func (c *Collection) SetMap(m *Map) error {
	m.Items, m.Vectors = c.Manifest.Items.SHA256, c.Manifest.Vectors.SHA256
	about, err := json.Marshal(m)
	if err == nil {
		err = file.Write(filepath.Join(c.Path, mapFile), &file.Weights{
			Metadata: map[string]string{mapAbout: string(about)},
			Tensors:  []file.Tensor{file.FromFloat32(mapTensor, m.At, len(m.At)/2, 2)},
		})
	}
	if err != nil {
		return baddata.Errorf("%s: its %s cannot be written: %w", c.Path, mapFile, err)
	}
	return nil
}

// Place is where item i lies; ok is false where it is gone.
func (m *Map) Place(i int) (x, y float32, ok bool) {
	x, y = m.At[2*i], m.At[2*i+1]
	return x, y, x == x
}

// Bounds are the smallest and the largest x and y; all 0 where no image is on the map.
func (m *Map) Bounds() (lo, hi [2]float32) {
	first := true
	for i := range len(m.At) / 2 {
		x, y, ok := m.Place(i)
		if !ok {
			continue
		}
		if first {
			lo, hi, first = [2]float32{x, y}, [2]float32{x, y}, false
		}
		lo, hi = [2]float32{min(lo[0], x), min(lo[1], y)}, [2]float32{max(hi[0], x), max(hi[1], y)}
	}
	return lo, hi
}

// Unit is At moved and scaled, by the same factor in both directions, so that all places lie in [0,1] by [0,1], in the middle of it.
func (m *Map) Unit() []float32 {
	lo, hi := m.Bounds()
	size := max(hi[0]-lo[0], hi[1]-lo[1])
	list := slices.Clone(m.At)
	for i, v := range list {
		middle := lo[i%2] + (hi[i%2]-lo[i%2])/2
		if size > 0 {
			list[i] = min(1, max(0, (v-middle)/size+0.5)) // NaN stays
		} else if v == v {
			list[i] = 0.5
		}
	}
	return list
}
