package archive

import (
	"io"
	"path"

	"udml-gpu/engine/data/notes"
	"udml-gpu/engine/data/picture"
)

// Opener is where the files of a source come from.
type Opener interface {
	List() (Listing, error)
	Check(name string) error // nil: there is such a regular file
	Read(name string) ([]byte, error)
	Stamp(name string) (Stamp, error) // may be called from several goroutines at once, as read
	Origin() []Stamp                  // of the archives as a whole
	io.Closer
}

// Listing is what a folder or an archive holds: the names of images, of other files, and of folders that are named like splits.
type Listing struct {
	Images  []string
	Others  []string
	Folders []string
	Left    notes.Omissions // what is no image, counted by reason
	over    map[string]bool // of an archive: what is passed over, each counted once, however many entries lie in it
}

// Add takes a file into the listing: as an image when its extension says so.
func (l *Listing) Add(name string) {
	if picture.IsName(name) {
		l.Images = append(l.Images, name)
		return
	}
	l.Others = append(l.Others, name)
	l.Left.Add(whyNoImage(name), name)
}

// addFolder takes note of a folder.
func (l *Listing) addFolder(name string) {
	if SplitOf(path.Base(name)) != "" {
		l.Folders = append(l.Folders, name)
	}
}
