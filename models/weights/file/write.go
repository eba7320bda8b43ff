package file

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"udml-gpu/models/disk"
)

// Encode writes f. The bytes depend on the content of f, not on the order of its tensors. As in the safetensors
// library, wider elements come first, then names in order, and spaces pad the header to a multiple of 8, so that every
// tensor is aligned to its element size. Names must be distinct UTF-8.
func Encode(w io.Writer, f *Weights) error {
	tensors := slices.Clone(f.Tensors)
	slices.SortStableFunc(tensors, func(a, b Tensor) int {
		return cmp.Or(cmp.Compare(elementSize[b.DType], elementSize[a.DType]), cmp.Compare(a.Name, b.Name))
	})
	entries, err := entriesOf(tensors)
	if err != nil {
		return err
	}
	meta := map[string]Text{}
	for key, value := range f.Metadata {
		meta[key] = Plain(value)
	}
	if err := writeHeader(w, meta, entries); err != nil {
		return err
	}
	for _, t := range tensors {
		if _, err := w.Write(t.Data); err != nil {
			return err
		}
	}
	return nil
}

// Write writes f to path. On an error path keeps its old content.
func Write(path string, f *Weights) error { return write(disk.OS, path, f) }

func write(fsys disk.FS, path string, f *Weights) error {
	return disk.ReplaceBy(fsys, path, func(w io.Writer) error {
		if err := Encode(w, f); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return nil
	})
}
