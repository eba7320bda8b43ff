package data

import (
	"slices"
	"strings"
)

// unlisted are the pictures that lie beside those that lists name, in the same folders or anywhere in the same archive, and that
// no list names. records stand in byte order of their names. Other folders are not looked into: a list may lie at the top of a
// disk.
func unlisted(files opener, records []record) []Note {
	listed := func(name string) bool {
		_, ok := slices.BinarySearchFunc(records, name, func(r record, name string) int { return strings.Compare(r.name, name) })
		return ok
	}
	if t, ok := files.(table); ok {
		files = t.opener
	}
	names := make([]string, len(records))
	for i, r := range records {
		names[i] = r.name
	}
	left := omissions{}
	for _, name := range beside(files, names) {
		if isPictureName(name) && !listed(name) {
			left.add(reasonUnlisted, name)
		}
	}
	return left.notes()
}
