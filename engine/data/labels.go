package data

import (
	"path"
	"strings"
)

// divide makes the splits and the set of all images. Top-level folders train/ and test/ are splits, and the folder
// below is the class: train/birds/blue/1.jpg has the class "birds". A single folder around both, as zips often have
// it, is looked through. Where there are no splits, classes are the top-level folders, if labels asks for them.
func (s *Source) divide(images []string, labels string) {
	wrap := wrapper(images)
	classOf := func(name string) string {
		split, below := cut(name[len(wrap):])
		if split != "train" && split != "test" {
			return ""
		}
		class, _ := cut(below)
		return class
	}
	parts := map[string][]string{}
	for _, name := range images {
		split, _ := cut(name[len(wrap):])
		parts[split] = append(parts[split], name)
	}
	if parts["train"] == nil && parts["test"] == nil && labels == "folder" {
		classOf = func(name string) string { class, _ := cut(name); return class }
	}
	if labels == "none" {
		classOf = func(string) string { return "" }
	}
	for _, split := range []string{"train", "test"} {
		if part := parts[split]; part != nil {
			s.splits = append(s.splits, s.newSet(split, part, each(part, classOf)))
		}
	}
	s.all = s.newSet("all", images, each(images, classOf))
}

// each are the classes of the images.
func each(images []string, classOf func(string) string) []string {
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

// wrapper is the one top-level folder that holds everything, with a slash, if train/ or test/ stand in it; else "".
func wrapper(images []string) string {
	top, _ := cut(images[0])
	if top == "" || top == "train" || top == "test" {
		return ""
	}
	splits := false
	for _, name := range images {
		rest, ok := strings.CutPrefix(name, top+"/")
		if !ok {
			return ""
		}
		split, _ := cut(rest)
		splits = splits || split == "train" || split == "test"
	}
	if !splits {
		return ""
	}
	return path.Clean(top) + "/"
}
