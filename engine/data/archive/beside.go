package archive

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// Beside are the files in the same folders as the listed names, or anywhere in the same archive, in a
// fixed order.
func Beside(files Opener, listed []string) []string {
	switch f := files.(type) {
	case *packed:
		return Beside(f.Opener, listed)
	case Folder:
		return f.beside(listed)
	}
	all, err := files.List()
	if err != nil {
		return nil // the listed files were found already; only notes on others are lost
	}
	return slices.Concat(all.Images, all.Others)
}

func (f Folder) beside(listed []string) []string {
	folders := map[string]bool{}
	var names []string
	for _, name := range listed {
		dir := path.Dir(name)
		if folders[dir] {
			continue
		}
		folders[dir] = true
		entries, _ := os.ReadDir(filepath.Join(f.Path, filepath.FromSlash(dir))) // the folder may exist only inside an archive
		for _, e := range entries {
			if e.Type()&(fs.ModeType&^fs.ModeSymlink) == 0 && skipReason(e.Name()) == "" {
				names = append(names, path.Join(dir, e.Name()))
			}
		}
	}
	return names
}
