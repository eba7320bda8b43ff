// Package data reads sets of images: their files, names, labels and splits. Each format is one file.
package data

import (
	"slices"
	"strings"

	"udml-gpu/engine/data/archive"
	"udml-gpu/engine/data/picture"
)

// Item is one image of a set.
type Item struct {
	Name  string // path inside the source, with forward slashes
	Label int32  // index into the set's Classes; -1: no label
	Role  Role   // in a test set of queries and a gallery
}

// Set is a split of a source, or all of it. Items and classes are in byte order of their names.
type Set struct {
	Name    string
	Items   []Item
	Boxes   []picture.Box // of the items (see Box); nil: all are zero, as in most sets, whose lists are shorter for it
	Classes []string
	Ks      []int // K of Recall@K in the data set's own protocol; nil: the usual ones

	source string // for messages
	Files  archive.Opener
}

// Box is the part of image i that is used; zero: all of it.
func (s *Set) Box(i int) picture.Box {
	if s.Boxes == nil {
		return picture.Box{}
	}
	return s.Boxes[i]
}

// setBox sets the box of item i.
func (s *Set) setBox(i int, b picture.Box) {
	if s.Boxes == nil && b != (picture.Box{}) {
		s.Boxes = make([]picture.Box, len(s.Items))
	}
	if s.Boxes != nil {
		s.Boxes[i] = b
	}
}

// ReadImage is the content of the file of item i, undecoded.
func (s *Set) ReadImage(i int) ([]byte, error) { return s.Files.Read(s.Items[i].Name) }

// Find is the item of that name.
func (s *Set) Find(name string) (i int, ok bool) {
	return slices.BinarySearchFunc(s.Items, name, func(item Item, name string) int { return strings.Compare(item.Name, name) })
}

// newSet makes a set of the named images; classOf(i) is the class of images[i], "" for none.
func (s *Source) newSet(name string, images []string, classOf func(i int) string) *Set {
	set := &Set{Name: name, Ks: s.ks, source: s.name, Files: s.files, Items: make([]Item, len(images))}
	seen := map[string]bool{}
	for i, image := range images {
		set.Items[i].Name = image
		if class := classOf(i); class != "" && !seen[class] {
			seen[class] = true
			set.Classes = append(set.Classes, class)
		}
	}
	slices.Sort(set.Classes)
	for i := range set.Items {
		set.Items[i].Label = -1
		if at, ok := slices.BinarySearch(set.Classes, classOf(i)); ok {
			set.Items[i].Label = int32(at)
		}
	}
	return set
}

// Thin keeps n of the set's classes, evenly spaced, with their images; 0, or more than there are, keeps all.
// Images without a label are dropped.
func (s *Set) Thin(n int) *Set {
	if n <= 0 || n >= len(s.Classes) {
		return s
	}
	label := make(map[int32]int32, n)
	var classes []string
	for i := range n {
		from := i * len(s.Classes) / n
		label[int32(from)] = int32(i)
		classes = append(classes, s.Classes[from])
	}
	var at []int
	for i, item := range s.Items {
		if _, ok := label[item.Label]; ok {
			at = append(at, i)
		}
	}
	kept := s.Only(at)
	kept.Classes = classes
	for i := range kept.Items {
		kept.Items[i].Label = label[kept.Items[i].Label]
	}
	return kept
}

// Only is the set of the items with these indices, ascending.
func (s *Set) Only(at []int) *Set {
	part := &Set{Name: s.Name, Ks: s.Ks, Classes: s.Classes, source: s.source, Files: s.Files, Items: make([]Item, len(at))}
	for i, from := range at {
		part.Items[i] = s.Items[from]
		part.setBox(i, s.Box(from))
	}
	return part
}

// ThinSplit applies Thin to the named split, in place; the set of all images is not changed.
func (s *Source) ThinSplit(name string, n int) {
	for i, set := range s.splits {
		if set.Name == name {
			s.splits[i] = set.Thin(n)
		}
	}
}

// Stamps are the stamps of all items; a missing file has size -1.
func (s *Set) Stamps() []archive.Stamp {
	all := make([]archive.Stamp, len(s.Items))
	spread(len(all), func(i int) {
		at, err := s.Files.Stamp(s.Items[i].Name)
		if err != nil {
			at = archive.Stamp{Size: -1}
		}
		all[i] = at
	})
	return all
}

// Origin are the stamps of the archives that the set comes from; none for a folder.
func (s *Set) Origin() []archive.Stamp { return s.Files.Origin() }

// SourceName is the source's name for messages.
func (s *Set) SourceName() string { return s.source }
