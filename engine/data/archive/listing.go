package archive

import (
	"io"
	"path"

	"udml-gpu/engine/data/notes"
	"udml-gpu/engine/data/picture"
)

// Opener gives the files of a source.
type Opener interface {
	List() (Listing, error)
	Check(name string) error // nil: there is such a regular file
	Read(name string) ([]byte, error)
	Stamp(name string) (Stamp, error) // like Read, may be called from several goroutines at once
	Origin() []Stamp                  // the archives themselves
	io.Closer
}

// Listing is what a folder or an archive holds: the names of images, of other files, and of folders with the names of splits.
type Listing struct {
	Images  []string
	Others  []string
	Folders []string
	Left    notes.Omissions // what is not an image, counted by reason
	over    map[string]bool // in an archive: skipped folders and files, each counted once
}

// Add adds a file to the listing: as an image when its extension is one of an image format.
func (l *Listing) Add(name string) {
	if picture.IsName(name) {
		l.Images = append(l.Images, name)
		if picture.IsRawName(name) {
			l.Left.Add(notes.ReasonPreview, name)
		}
		return
	}
	l.Others = append(l.Others, name)
	l.Left.Add(notImageReason(name), name)
}

// addFolder adds a folder.
func (l *Listing) addFolder(name string) {
	if SplitOf(path.Base(name)) != "" {
		l.Folders = append(l.Folders, name)
	}
}
