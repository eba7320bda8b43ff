package data

import (
	"strings"

	"udml-gpu/engine/data/archive"
)

// makeSplits makes the splits and the set of all images of a folder or an archive. Folders train/, test/ and val/ are splits, and
// the folder below is the class: train/birds/blue/1.jpg has the class "birds". Without splits, and if labels asks for it, classes
// are the folders of the first level that has more than one.
func (s *Source) makeSplits(l archive.Listing, o Options) {
	found := findLayout(l.Images, o.Layout)
	s.layout = "plain"
	if found.splits {
		s.layout = "splits"
	}
	s.note(found.readingNotes(l.Images, l.Folders, o.Layout))
	classOf := found.class
	if o.Labels == "none" || !found.splits && o.Labels != "folder" {
		classOf = func(string) string { return "" }
	}
	set := func(name string, images []string) *Set {
		return s.newSet(name, images, func(i int) string { return classOf(images[i]) })
	}
	for _, split := range []string{"train", "test", "val"} {
		var part []string
		for _, name := range l.Images {
			if found.splits && found.split(name) == split {
				part = append(part, name)
			}
		}
		if part != nil {
			s.splits = append(s.splits, set(split, part))
		}
	}
	s.all = set("all", l.Images)
}

// cut is the first folder of a path and the rest; a bare file name has no folder.
func cut(name string) (first, rest string) {
	if first, rest, ok := strings.Cut(name, "/"); ok {
		return first, rest
	}
	return "", name
}
