package file

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"udml-gpu/models/disk"
)

// Encode writes f; the bytes are a function of f's content, not of the order of its tensors. As in the safetensors
// library, wider elements come first, then names in order, and spaces pad the header to a multiple of 8, so that every
// tensor is aligned to its element size. Names must be distinct UTF-8.
func Encode(w io.Writer, f *Weights) error {
	tensors := slices.Clone(f.Tensors)
	slices.SortStableFunc(tensors, func(a, b Tensor) int {
		return cmp.Or(cmp.Compare(elementSize[b.DType], elementSize[a.DType]), cmp.Compare(a.Name, b.Name))
	})
	h, err := marshalHeader(f.Metadata, tensors)
	if err != nil {
		return err
	}
	if _, err := w.Write(h); err != nil {
		return err
	}
	for _, t := range tensors {
		if _, err := w.Write(t.Data); err != nil {
			return err
		}
	}
	return nil
}

// marshalHeader is the length and the padded JSON.
func marshalHeader(meta map[string]string, tensors []Tensor) ([]byte, error) {
	b := bytes.NewBuffer(make([]byte, 8))
	b.WriteByte('{')
	if len(meta) > 0 {
		for k, v := range meta {
			if !utf8.ValidString(k) || !utf8.ValidString(v) {
				return nil, fmt.Errorf("metadata %q is not UTF-8", k)
			}
		}
		fmt.Fprintf(b, "%s:%s,", quote(metadataKey), quote(meta))
	}
	at, seen := 0, map[string]bool{metadataKey: true}
	for _, t := range tensors {
		size, err := byteSize(t.DType, t.Shape)
		switch {
		case err != nil:
			return nil, fmt.Errorf("tensor %q: %w", t.Name, err)
		case size != len(t.Data):
			return nil, fmt.Errorf("tensor %q has %d bytes, but %s%v takes %d", t.Name, len(t.Data), t.DType, t.Shape, size)
		case seen[t.Name] || !utf8.ValidString(t.Name):
			return nil, fmt.Errorf("%q cannot name a tensor: it is taken, or not UTF-8", t.Name)
		}
		seen[t.Name] = true
		shape := append([]int{}, t.Shape...) // never null in JSON
		fmt.Fprintf(b, `%s:{"dtype":%s,"shape":%s,"data_offsets":[%d,%d]},`, quote(t.Name), quote(t.DType), quote(shape), at, at+size)
		at += size
	}
	text := bytes.TrimSuffix(b.Bytes(), []byte(","))
	text = append(text, '}')
	for len(text)%8 != 0 {
		text = append(text, ' ')
	}
	n := len(text) - 8
	if n > maxHeader {
		return nil, fmt.Errorf("%d tensors need a header of %d bytes, more than readers accept", len(tensors), n)
	}
	for i := range 8 {
		text[i] = byte(n >> (8 * i))
	}
	return text, nil
}

// quote is v as JSON, maps in order of their keys. The types it is given always have one.
func quote(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// Write writes f to path, which then holds either all of it or what it held before.
func Write(path string, f *Weights) error { return write(disk.OS, path, f) }

func write(fsys disk.FS, path string, f *Weights) error {
	return disk.ReplaceBy(fsys, path, func(w io.Writer) error {
		if err := Encode(w, f); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return nil
	})
}
