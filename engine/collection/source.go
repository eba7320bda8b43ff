package collection

import (
	"path/filepath"
	"strings"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/rawname"
	"udml-gpu/engine/store"
)

// NewSource describes the split of a data set, given as --data takes it, for a collection at path.
func NewSource(spec, split, path string) Source {
	s := Source{Data: rawname.Text(spec), Split: split}
	place := data.Path(spec)
	if data.IsDemo(spec) || store.Is(place) {
		return s
	}
	s.Format = strings.TrimSuffix(spec, place)
	from, err := filepath.Abs(place)
	if err != nil {
		return s
	}
	s.Absolute = rawname.Text(from)
	if to, err := filepath.Abs(path); err == nil {
		if relative, err := filepath.Rel(filepath.Dir(to), from); err == nil {
			s.Relative = rawname.Text(relative)
		}
	}
	return s
}

// Place is the data set as --data takes it, where it was when the collection was made or last updated.
func (s *Source) Place() string {
	if s.Absolute == "" {
		return rawname.Bytes(s.Data)
	}
	return s.Format + rawname.Bytes(s.Absolute)
}

// At is the data set as --data takes it, of a collection at path: where it was or, if nothing is there, at the same place beside
// the collection.
func (s *Source) At(path string) string {
	if s.Absolute != "" && s.Relative != "" && !exists(rawname.Bytes(s.Absolute)) {
		if beside := filepath.Join(filepath.Dir(filepath.Clean(path)), rawname.Bytes(s.Relative)); exists(beside) {
			return s.Format + beside
		}
	}
	return s.Place()
}
