package data

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
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
	left := omissions{}
	for _, name := range beside(files, records) {
		if isPictureName(name) && !listed(name) {
			left.add(reasonUnlisted, name)
		}
	}
	return left.notes()
}

// beside are the files in the folders of the listed images, in a fixed order.
func beside(files opener, records []record) []string {
	switch f := files.(type) {
	case table:
		return beside(f.opener, records)
	case *packed:
		return beside(f.opener, records)
	case folder:
		return f.beside(records)
	}
	all, err := files.list()
	if err != nil {
		return nil // what is listed has been found; this is about what is not
	}
	return slices.Concat(all.images, all.others)
}

func (f folder) beside(records []record) []string {
	folders := map[string]bool{}
	var names []string
	for _, r := range records {
		dir := path.Dir(r.name)
		if folders[dir] {
			continue
		}
		folders[dir] = true
		entries, _ := os.ReadDir(filepath.Join(string(f), filepath.FromSlash(dir))) // one of an archive in the folder is not there
		for _, e := range entries {
			if e.Type()&(fs.ModeType&^fs.ModeSymlink) == 0 && passedOver(e.Name()) == "" {
				names = append(names, path.Join(dir, e.Name()))
			}
		}
	}
	return names
}
