package data

import (
	"slices"
	"strings"

	"udml-gpu/engine/data/archive"
	"udml-gpu/engine/data/notes"
	"udml-gpu/engine/data/picture"
)

// previews are the listed raw files of cameras, of which the preview is read.
func previews(records []record) []notes.Note {
	left := notes.Omissions{}
	for _, r := range records {
		if picture.IsRawName(r.name) {
			left.Add(notes.ReasonPreview, r.name)
		}
	}
	return left.Notes()
}

// unlisted are the pictures that no list names, in the folders of the listed ones or anywhere in the same archive. records are in
// byte order of their names. Other folders are not searched: a list may lie at the top of a disk.
func unlisted(files archive.Opener, records []record) []notes.Note {
	listed := func(name string) bool {
		_, ok := slices.BinarySearchFunc(records, name, func(r record, name string) int { return strings.Compare(r.name, name) })
		return ok
	}
	if t, ok := files.(table); ok {
		files = t.Opener
	}
	names := make([]string, len(records))
	for i, r := range records {
		names[i] = r.name
	}
	left := notes.Omissions{}
	for _, name := range archive.Beside(files, names) {
		if picture.IsPictureName(name) && !listed(name) {
			left.Add(notes.ReasonUnlisted, name)
		}
	}
	return left.Notes()
}
