package data

import (
	"fmt"
	"maps"
	"slices"

	"udml-gpu/engine/data/archive"
	"udml-gpu/engine/data/notes"
	"udml-gpu/engine/data/rawname"
)

// readingNotes are notes on how the images were read, where another reading is plausible.
func (l layout) readingNotes(images []string, folders []string, mode string) []notes.Note {
	if l.splits {
		return l.splitNotes(images, folders)
	}
	if mode == "plain" {
		return nil
	}
	found := splitFolders(images)
	var pairs []string // folders that hold a split to train on and another
	for _, parent := range slices.Sorted(maps.Keys(found)) {
		has := map[string]bool{}
		for _, name := range found[parent] {
			has[archive.SplitOf(name)] = true
		}
		if has["train"] && (has["test"] || has["val"]) {
			pairs = append(pairs, parent)
		}
	}
	if len(pairs) > 0 {
		return []notes.Note{mixedSplits(images, found, pairs)}
	}
	return l.singleSplit(images)
}

// splitNotes are notes on images outside the splits, and on splits without images.
func (l layout) splitNotes(images, folders []string) []notes.Note {
	left := notes.Omissions{}
	for _, name := range images {
		if l.split(name) == "" {
			left.Add(notes.ReasonOutside, name)
		}
	}
	list := left.Notes()
	for _, name := range l.emptySplits(folders, images) {
		list = append(list, notes.Note{
			Reason: notes.ReasonEmpty, Count: 1, Examples: rawname.Texts([]string{name}), Warning: true,
			Message: fmt.Sprintf("the folder %s holds no images that can be read, so there is no such split", notes.Shown(name)),
		})
	}
	return list
}

// mixedSplits warns where training and test folders were read as one set.
func mixedSplits(images []string, found map[string][]string, pairs []string) notes.Note {
	var names []string
	for _, parent := range pairs {
		for _, name := range found[parent] {
			names = append(names, parent+name)
		}
	}
	examples := names[:min(len(names), notes.MaxExamples)]
	advice := "name one of the folders around them with --data to have its splits"
	if findLayout(images, "splits").splits {
		advice = "--layout splits reads them as splits, --layout plain silences this warning"
	}
	return notes.Note{
		Reason: notes.ReasonLayout, Count: len(names), Examples: rawname.Texts(examples), Warning: true,
		Message: fmt.Sprintf("read as one set of %d images, test images included: %d folders are named like splits%s, "+
			"and other folders with images are beside them or around them; %s",
			len(images), len(names), notes.ExamplesText(examples, len(names)), advice),
	}
}

// singleSplit warns where a folder named train or test was read as an ordinary folder like those beside it.
func (l layout) singleSplit(images []string) []notes.Note {
	forced := findLayout(images, "splits")
	if !forced.splits {
		return nil
	}
	var names []string
	for _, top := range levelOf(images, forced.wrap).tops {
		if split := archive.SplitOf(top); split == "train" || split == "test" {
			names = append(names, forced.wrap+top)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return []notes.Note{{
		Reason: notes.ReasonLayout, Count: len(names), Examples: rawname.Texts(names[:min(len(names), notes.MaxExamples)]),
		Message: fmt.Sprintf("read as one set of %d images: the folder %s is read like those beside it and not as a split; "+
			"--layout splits makes it one", len(images), notes.ShownAll(names[:min(len(names), notes.MaxExamples)])),
	}}
}
