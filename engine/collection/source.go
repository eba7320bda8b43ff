package collection

import (
	"path/filepath"
	"strings"

	"udml-gpu/engine/data"
)

// NewSource describes the split of a data set, given as --data takes it, for a collection at path.
func NewSource(spec, split, path string) Source {
	s := Source{Data: spec, Split: split}
	if data.IsDemo(spec) {
		return s
	}
	place := data.Path(spec)
	s.Format = strings.TrimSuffix(spec, place)
	from, err := filepath.Abs(place)
	if err != nil {
		return s
	}
	s.Absolute = from
	if to, err := filepath.Abs(path); err == nil {
		s.Relative, _ = filepath.Rel(filepath.Dir(to), from)
	}
	return s
}

// At is the data set as --data takes it, of a collection at path: where it was or, if nothing is there, at the same place beside
// the collection.
func (s *Source) At(path string) string {
	if s.Absolute == "" {
		return s.Data
	}
	if !exists(s.Absolute) && s.Relative != "" {
		if beside := filepath.Join(filepath.Dir(filepath.Clean(path)), s.Relative); exists(beside) {
			return s.Format + beside
		}
	}
	return s.Format + s.Absolute
}
