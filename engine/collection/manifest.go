package collection

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/rawname"
	"udml-gpu/models/disk"
)

// Version is raised when the files of a collection change their meaning. One with float32 vectors is written as version 1, which has no
// others.
const Version = 2

// ManifestFile is the file that makes a folder a collection: its Manifest.
const ManifestFile = "manifest.json"

const (
	format      = "udml-collection"
	maxManifest = 256 << 20 // images that cannot be read have their lines in it
	maxDim      = 1 << 20
)

// Manifest says what a collection holds.
type Manifest struct {
	Format     string    `json:"format"`
	Version    int       `json:"version"`
	Generation int       `json:"generation"` // raised with each change; 0: no image is embedded yet
	Images     int       `json:"images"`     // rows, those of images that are gone included
	Gone       int       `json:"gone,omitempty"`
	Damaged    []Damaged `json:"damaged,omitempty"` // images that cannot be read
	Dimensions int       `json:"dimensions"`
	Metric     string    `json:"metric"`         // cosine: rows are unit vectors
	Type       string    `json:"type,omitempty"` // of the vectors: Float16, or "" for float32
	Source     Source    `json:"source"`
	Model      Model     `json:"model"`
	Vectors    File      `json:"vectors"`
	Halves     *File     `json:"halves,omitempty"` // float32 vectors once more in float16, for the first pass of a search; nil: none
	Items      File      `json:"items"`
	WrittenBy  string    `json:"written_by"`
}

// Damaged is an image that could not be read, and why. It is tried again when its file changes.
type Damaged struct {
	Path string `json:"path"`
	Size int64  `json:"size"`
	Mark int64  `json:"mark"`
	Why  string `json:"why"`
}

// damagedFile is Damaged in JSON.
type damagedFile Damaged

// MarshalJSON writes the path as rawname.Text.
func (d Damaged) MarshalJSON() ([]byte, error) {
	d.Path = rawname.Text(d.Path)
	return json.Marshal(damagedFile(d))
}

// UnmarshalJSON reads what MarshalJSON writes.
func (d *Damaged) UnmarshalJSON(b []byte) error {
	err := json.Unmarshal(b, (*damagedFile)(d))
	d.Path = rawname.Bytes(d.Path)
	return err
}

// Source is the data set that the images come from.
type Source struct {
	Data     string `json:"data"`               // as it was given; these places are rawname.Text
	Format   string `json:"format,omitempty"`   // of its lists, with a colon, as in "cub:"; "" for a folder or an archive
	Absolute string `json:"absolute,omitempty"` // where it was; "" for the built-in images
	Relative string `json:"relative,omitempty"` // the same from the folder that the collection lies in
	Split    string `json:"split"`
}

// Model is the network that made the vectors.
type Model struct {
	Hash     string `json:"hash"` // SHA-256 of its weights file, its pipeline and the layer
	Backbone string `json:"backbone"`
	Layer    string `json:"layer"` // embedding or pooled
	Pool     string `json:"pool"`
	Pipeline string `json:"pipeline"`
	Licence  string `json:"base_license,omitempty"` // of the weights that it was made from
	From     string `json:"from"`                   // the run, or the backbone, in words
}

// File is a file of a generation.
type File struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// ReadManifest reads and checks the manifest of the collection at path.
func ReadManifest(path string) (*Manifest, error) {
	b, err := disk.ReadFile(filepath.Join(path, ManifestFile), maxManifest)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, noCollection(path)
	case err != nil:
		return nil, baddata.Errorf("%s cannot be read: %w", path, err)
	}
	m, err := parseManifest(b)
	if err != nil {
		return nil, baddata.Errorf("%s: %v", filepath.Join(path, ManifestFile), err)
	}
	return m, nil
}

// noCollection says what is at path instead.
func noCollection(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return baddata.Errorf("%s does not exist: expected a collection; udml-gpu embed --data FOLDER --out %s makes one", path, path)
	case err != nil:
		return baddata.Errorf("%s cannot be read: %w", path, err)
	case !info.IsDir():
		return baddata.Errorf("%s is a file: expected a collection, a folder that udml-gpu embed has made", path)
	}
	return baddata.Errorf("%s is not a collection: it has no %s; udml-gpu embed --data FOLDER --out NAME%s makes one",
		path, ManifestFile, Extension)
}

func parseManifest(b []byte) (*Manifest, error) {
	var head struct {
		Format    string
		Version   int
		WrittenBy string `json:"written_by"`
	}
	if err := json.Unmarshal(b, &head); err != nil || head.Format != format {
		return nil, errors.New("it is not the manifest of a collection, or is damaged")
	}
	if head.Version > Version {
		return nil, baddata.Errorf("it is of version %d, written by %.40q; this program reads up to version %d: use a newer one",
			head.Version, head.WrittenBy, Version)
	}
	m := &Manifest{}
	if err := json.Unmarshal(b, m); err != nil {
		return nil, errors.New("it is damaged: " + err.Error())
	}
	return m, m.check()
}

// check refuses numbers and names that cannot be: the file may come from anywhere.
func (m *Manifest) check() error {
	switch {
	case m.Version < 1 || m.Generation < 0 || m.Images < 0 || m.Gone < 0 || m.Gone > m.Images:
		return errors.New("it is damaged: a count is negative or too large")
	case m.Generation == 0:
		return nil
	case m.Dimensions < 1 || m.Dimensions > maxDim || m.Images > 1<<40/m.Dimensions:
		return errors.New("it is damaged: its vectors have no possible size")
	case m.Type != "" && m.Type != Float16 || m.Type == Float16 && m.Halves != nil:
		return errors.New("it is damaged: its vectors have no possible type")
	case m.Vectors.Size != int64(m.Images)*int64(m.rowBytes()), m.Halves != nil && m.Halves.Size != m.Vectors.Size/2:
		return errors.New("it is damaged: images, dimensions and the size of the vectors do not fit together")
	}
	for _, f := range m.files() {
		if f.Name == "" || strings.ContainsAny(f.Name, `/\`) || f.Size < 0 || !isSHA256(f.SHA256) {
			return errors.New("it is damaged: it names no file of its folder")
		}
	}
	return nil
}

// rowBytes is the size of a vector in its file.
func (m *Manifest) rowBytes() int {
	if m.Type == Float16 {
		return 2 * m.Dimensions
	}
	return 4 * m.Dimensions
}

// files are those of the present generation.
func (m *Manifest) files() []File {
	list := []File{m.Vectors, m.Items}
	if m.Halves != nil {
		list = append(list, *m.Halves)
	}
	return list
}

// write replaces the manifest.
func (m *Manifest) write(path string) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	if err := e.Encode(m); err != nil {
		return err
	}
	return disk.Replace(filepath.Join(path, ManifestFile), b.Bytes())
}
