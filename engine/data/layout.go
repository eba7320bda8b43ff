package data

import (
	"path"
	"slices"
	"strings"

	"udml-gpu/engine/data/archive"
)

// layout is how a folder or an archive is read. wrap is the path, with a slash, of the folders around its splits or class folders.
type layout struct {
	splits bool
	wrap   string
}

// split and class are those of an image, "" for none.
func (l layout) split(name string) string {
	below, ok := strings.CutPrefix(name, l.wrap)
	if top, _ := cut(below); ok && l.splits {
		return archive.SplitOf(top)
	}
	return ""
}

func (l layout) class(name string) string {
	below, ok := strings.CutPrefix(name, l.wrap)
	if l.splits && l.split(name) == "" || !ok {
		return ""
	}
	class, rest := cut(below)
	if l.splits {
		class, _ = cut(rest)
	}
	return class
}

// maxDepth is how many folders around the splits are searched; a path in a hostile archive may have tens of thousands.
const maxDepth = 16

// findLayout looks for splits among the images, whose names are in byte order. It goes down from the top as long as a single folder
// holds everything. mode "auto" accepts folders as splits when they have the names of splits and nothing else is beside them,
// "splits" whatever is beside them, "plain" never.
func findLayout(images []string, mode string) layout {
	plain := layout{}
	for wrap, depth := "", 0; ; depth++ {
		l := levelOf(images, wrap)
		if l.hasSplits(mode) {
			return layout{true, wrap}
		}
		if len(l.tops) > 1 && plain.wrap == "" {
			plain.wrap = wrap
		}
		if len(l.tops) != 1 || !l.deep || depth == maxDepth {
			return plain
		}
		wrap += l.tops[0] + "/"
	}
}

// level is the content of one folder.
type level struct {
	tops  []string // folders with images
	loose int      // images in none of them, including those outside the folder
	deep  bool     // some images lie in folders of tops
}

func levelOf(images []string, wrap string) (l level) {
	for _, name := range images {
		below, ok := strings.CutPrefix(name, wrap)
		top, rest := cut(below)
		if !ok || top == "" {
			l.loose++
			continue
		}
		if len(l.tops) == 0 || l.tops[len(l.tops)-1] != top { // images of one folder are consecutive
			l.tops = append(l.tops, top)
		}
		l.deep = l.deep || strings.Contains(rest, "/")
	}
	return l
}

// hasSplits tells whether the folders are splits. Where there are two, a few loose pictures beside them do not matter: leaving them
// out does no harm, while reading all as one set would train on test images.
func (l level) hasSplits(mode string) bool {
	has := map[string]bool{}
	for _, top := range l.tops {
		has[archive.SplitOf(top)] = true
	}
	switch mode {
	case "plain":
		return false
	case "splits":
		return has["train"] || has["test"] || has["val"]
	}
	two := has["train"] && (has["test"] || has["val"])
	return !has[""] && (two || l.loose == 0 && (has["train"] || has["test"]))
}

// splitFolders are the names of folders that could be splits and hold images, by the folder around them.
func splitFolders(images []string) map[string][]string {
	found := map[string][]string{}
	for _, name := range images {
		for at, depth := 0, 0; depth < maxDepth; depth++ {
			part, _, more := strings.Cut(name[at:], "/")
			if !more {
				break
			}
			if parent := name[:at]; archive.SplitOf(part) != "" && !slices.Contains(found[parent], part) {
				found[parent] = append(found[parent], part)
			}
			at += len(part) + 1
		}
	}
	return found
}

// emptySplits are the folders beside the splits that have the name of a split but hold no images.
func (l layout) emptySplits(folders, images []string) []string {
	filled := splitFolders(images)[l.wrap]
	var empty []string
	for _, name := range folders {
		if l.splits && path.Dir(name)+"/" == path.Clean("./"+l.wrap)+"/" && !slices.Contains(filled, path.Base(name)) {
			empty = append(empty, name)
		}
	}
	return empty
}
