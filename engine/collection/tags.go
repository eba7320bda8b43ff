package collection

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/models/disk"
)

const (
	tagsFile = "tags.json"
	maxTags  = 1 << 30
)

// Tags are words that a person has given to images. They go by the images' content, so that they stay when a collection is embedded anew.
type Tags map[string][]string // content ids, ascending, by tag

// Tags reads the tags of the collection; none where nobody has given any. Errors are *baddata.Error.
func (c *Collection) Tags() (Tags, error) {
	b, err := disk.ReadFile(filepath.Join(c.Path, tagsFile), maxTags)
	if errors.Is(err, fs.ErrNotExist) {
		return Tags{}, nil
	}
	if err != nil {
		return nil, baddata.Errorf("%s: its %s cannot be read: %w", c.Path, tagsFile, err)
	}
	t := Tags{}
	if err := json.Unmarshal(b, &t); err != nil {
		return nil, baddata.Errorf("%s: its %s is damaged: %v; it holds the tags that were given, and can be mended or deleted", c.Path,
			tagsFile, err)
	}
	for _, ids := range t {
		slices.Sort(ids)
	}
	return t, nil
}

// SetTags replaces the tags of the collection.
func (c *Collection) SetTags(t Tags) error {
	b, err := json.MarshalIndent(t, "", " ")
	if err == nil {
		err = disk.Replace(filepath.Join(c.Path, tagsFile), append(b, '\n'))
	}
	if err != nil {
		return baddata.Errorf("%s: its %s cannot be written: %w", c.Path, tagsFile, err)
	}
	return nil
}

// With is the tags with tag given to the ids, or taken from them. A tag that no image has is none. t is not changed.
func (t Tags) With(tag string, ids []string, remove bool) Tags {
	list := slices.Clone(t[tag])
	if remove {
		gone := map[string]bool{}
		for _, id := range ids {
			gone[id] = true
		}
		list = slices.DeleteFunc(list, func(id string) bool { return gone[id] })
	} else {
		list = append(list, ids...)
		slices.Sort(list)
		list = slices.Compact(list)
	}
	next := maps.Clone(t)
	if next == nil {
		next = Tags{}
	}
	if next[tag] = list; len(list) == 0 {
		delete(next, tag)
	}
	return next
}

// Has tells whether the image of that content id has the tag.
func (t Tags) Has(tag, id string) bool {
	_, ok := slices.BinarySearch(t[tag], id)
	return ok
}
