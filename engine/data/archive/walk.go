package archive

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"udml-gpu/engine/data/notes"
)

// walker lists what is below a folder, in byte order of the names in each folder. Links to folders are followed only on request, and only
// after all folders that need no link, so that what has a name without them keeps it; each folder is read once, under the first name that
// is found, so that no walk runs in circles and no image is read twice because of a link to its folder.
type walker struct {
	found  Listing
	follow bool
	seen   map[identity]bool // folders, when links are followed
	links  []spot            // to folders, not yet followed
}

// spot is a folder to look through, or a link to one.
type spot struct {
	path  string
	name  string // in the listing; "": the top
	rules *scope // of the folders around it
}

// in is the name of a file or folder in the folder.
func (p spot) in(name string) string {
	if p.name == "" {
		return name
	}
	return p.name + "/" + name
}

// identity tells folders apart, whatever they are called.
type identity struct{ device, inode uint64 }

func identityOf(path string) (id identity, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return id, err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return id, errors.New("its folders cannot be told apart on this system: links are not followed here")
	}
	return identity{st.Dev, st.Ino}, nil
}

// walk lists what is below root.
func (w *walker) walk(root string) error {
	if _, err := w.isNew(root); err != nil {
		return err
	}
	if err := w.folder(spot{path: root}); err != nil {
		return err
	}
	for at := 0; at < len(w.links); at++ { // following adds more
		link := w.links[at]
		fresh, err := w.isNew(link.path)
		if err != nil {
			return err
		}
		if !fresh {
			w.found.Left.Add(notes.ReasonAgain, link.name)
			continue
		}
		w.found.addFolder(link.name)
		if err := w.folder(link); err != nil {
			return err
		}
	}
	return nil
}

// isNew tells whether a folder is seen for the first time, which matters only where links are followed.
func (w *walker) isNew(path string) (bool, error) {
	if !w.follow {
		return true, nil
	}
	id, err := identityOf(path)
	if err != nil || w.seen[id] {
		return false, err
	}
	w.seen[id] = true
	return true, nil
}

// folder lists a folder and those in it.
func (w *walker) folder(p spot) error {
	entries, err := os.ReadDir(p.path)
	if err != nil {
		return err
	}
	if p.rules, err = p.rules.enter(p); err != nil {
		return err
	}
	for _, e := range entries {
		if err := w.entry(p, e); err != nil {
			return err
		}
	}
	return nil
}

// entry adds a file or folder in the folder p to the listing.
func (w *walker) entry(p spot, e fs.DirEntry) error {
	at := spot{filepath.Join(p.path, e.Name()), p.in(e.Name()), p.rules}
	mode, broken := modeOf(at.path, e)
	linked := e.Type()&fs.ModeSymlink != 0 && mode.IsDir()
	isFolder := e.IsDir() || linked && w.follow
	why := skipReason(e.Name())
	if why == "" && isFolder && isHomeTrash(e.Name(), at.path) {
		why = notes.ReasonTrash
	}
	switch {
	case isRuleFile(e, mode):
		return nil
	case why != "":
	case p.rules.leavesOut(at.name, isFolder):
		why = notes.ReasonIgnored
	case broken:
		why = notes.ReasonBroken
	case linked && w.follow:
		w.links = append(w.links, at)
		return nil
	case linked:
		why = notes.ReasonFolder
	case e.IsDir():
		return w.subfolder(at)
	case !mode.IsRegular():
		why = notes.ReasonSpecial
	}
	switch {
	case why == "":
		w.found.Add(at.name)
	case e.IsDir():
		w.found.Left.Add(why, at.name+"/")
	default:
		w.found.Left.Add(why, at.name)
	}
	return nil
}

// subfolder lists a folder that is no link.
func (w *walker) subfolder(p spot) error {
	fresh, err := w.isNew(p.path)
	if err != nil {
		return err
	}
	if !fresh { // it is in a linked folder
		w.found.Left.Add(notes.ReasonAgain, p.name+"/")
		return nil
	}
	w.found.addFolder(p.name)
	return w.folder(p)
}

// modeOf is the kind of an entry, or of what a link leads to.
func modeOf(path string, e fs.DirEntry) (mode fs.FileMode, broken bool) {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.Type(), false
	}
	info, err := os.Stat(path)
	if err != nil {
		return e.Type(), true
	}
	return info.Mode(), false
}

// isHomeTrash tells whether a folder is the bin of a home folder: named Trash, with files/ and info/ in it (freedesktop.org's trash
// specification). Other folders of that name are read: it is a class in pictures of waste.
func isHomeTrash(name, path string) bool {
	return name == "Trash" && !slices.ContainsFunc([]string{"files", "info"}, func(part string) bool {
		info, err := os.Stat(filepath.Join(path, part))
		return err != nil || !info.IsDir()
	})
}
