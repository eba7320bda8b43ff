package file

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"udml-gpu/models/disk"
)

// A model whose tensors are spread over several files has an index beside them: a JSON object whose "weight_map" gives the file of each
// tensor, and whose "metadata" is not needed (huggingface_hub, docs of serialization: model.safetensors.index.json).
const (
	maxIndex  = 16 << 20 // bytes: 65,536 tensors with names of 200 bytes
	maxShards = 1 << 8   // all are open at once; vision models have some ten
)

// isIndex tells whether a file begins as a JSON object: no format of weights does, as a safetensors header would be too long.
func isIndex(r io.ReaderAt, size int64) bool {
	first := make([]byte, min(size, 64))
	if n, err := r.ReadAt(first, 0); n < len(first) && err != nil {
		return false
	}
	text := bytes.TrimLeft(first, " \t\r\n")
	_, err := headerLength(first, size)
	return err != nil && len(text) > 0 && text[0] == '{' && utf8.Valid(text[:1])
}

// openShards opens the files that the index in f names, which lie beside it, as one. The caller closes f.
func openShards(path string, f *os.File, size int64) (*Opened, error) {
	b, err := disk.ReadAtMost(f, size, maxIndex)
	if errors.Is(err, disk.ErrTooLong) {
		return nil, fmt.Errorf("it is longer than %d MiB, the limit for an index of weights", maxIndex>>20)
	}
	if err != nil {
		return nil, err
	}
	shardOf, err := parseIndex(b)
	if err != nil {
		return nil, err
	}
	all := &Opened{}
	for _, name := range slices.Compact(slices.Sorted(maps.Values(shardOf))) {
		if err := all.addShard(filepath.Join(filepath.Dir(path), name), name, shardOf); err != nil {
			return nil, errors.Join(err, all.Close())
		}
	}
	if len(shardOf) > 0 {
		missing := slices.Sorted(maps.Keys(shardOf))[0]
		err := fmt.Errorf("%d tensors of its list are not in their files, the first is %.100q in %.100q: the download is not complete",
			len(shardOf), missing, shardOf[missing])
		return nil, errors.Join(err, all.Close())
	}
	return all, nil
}

// addShard opens one of the index's files and takes from it the tensors that shardOf gives to it, which are then removed from shardOf.
func (o *Opened) addShard(path, name string, shardOf map[string]string) error {
	f, size, err := openRegular(path)
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("it names the file %q, which is not beside it: the download is not complete", name)
	}
	if err != nil {
		return err
	}
	o.files = append(o.files, f)
	shard, err := open(f, size)
	if err != nil {
		return fmt.Errorf("its file %q: %w", name, err)
	}
	if o.Format == "" {
		o.Format, o.Metadata, o.Objects = shard.Format, shard.Metadata, shard.Objects
	}
	if shard.Format != o.Format {
		return fmt.Errorf("its file %q is of the format %s, others are %s", name, shard.Format, o.Format)
	}
	for _, l := range shard.listed {
		if shardOf[l.Name] == name {
			delete(shardOf, l.Name)
			o.listed = append(o.listed, l)
		}
	}
	return nil
}

// parseIndex is the file of each tensor in an index. All are plain names.
func parseIndex(b []byte) (map[string]string, error) {
	if !utf8.Valid(b) {
		return nil, errors.New("an index of weights that is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	r := reader{d}
	var shardOf map[string]string
	err := r.object(func(key string) error {
		if key != "weight_map" {
			return r.skip()
		}
		shardOf = map[string]string{}
		return r.object(func(name string) (err error) {
			shardOf[name], err = r.shard()
			return err
		})
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("a damaged index of weights: %w", err)
	case len(shardOf) == 0:
		return nil, errors.New("a JSON file without a \"weight_map\", so no index of weights: name the folder, or the file with them")
	case len(shardOf) > maxTensors:
		return nil, fmt.Errorf("an index of %d tensors: the limit is %d", len(shardOf), maxTensors)
	}
	if n := len(slices.Compact(slices.Sorted(maps.Values(shardOf)))); n > maxShards {
		return nil, fmt.Errorf("an index of %d files: the limit is %d", n, maxShards)
	}
	return shardOf, nil
}

// shard reads the name of a file. A path that leads elsewhere is an error: an index may not name files of the rest of the disk.
func (r reader) shard() (string, error) {
	name, err := r.text()
	if err == nil && (name != filepath.Base(name) || strings.ContainsAny(name, "/\\\x00") || !filepath.IsLocal(name) || name == ".") {
		err = fmt.Errorf("%.100q is not the name of a file beside the index", name)
	}
	return name, err
}

// skip passes over one value of any kind.
func (r reader) skip() error {
	for depth := 0; ; {
		t, err := r.d.Token()
		if err != nil {
			return err
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}
