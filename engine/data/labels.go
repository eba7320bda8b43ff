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
	parts := map[string][]string{}
	for _, name := range l.Images {
		split := found.split(name)
		parts[split] = append(parts[split], name)
	}
	for _, split := range []string{"train", "test", "val"} {
		if part := parts[split]; part != nil {
			s.splits = append(s.splits, s.newSet(split, part, classesOf(part, classOf)))
		}
	}
	s.all = s.newSet("all", l.Images, classesOf(l.Images, classOf))
}

// classesOf gives the class of each image.
func classesOf(images []string, classOf func(string) string) []string {
	classes := make([]string, len(images))
	for i, name := range images {
		classes[i] = classOf(name)
	}
	return classes
}

// cut is the first folder of a path and the rest; a bare file name has no folder.
func cut(name string) (first, rest string) {
	if first, rest, ok := strings.Cut(name, "/"); ok {
		return first, rest
	}
	return "", name
}
