package data

import (
	"io"
	"path"
)

// opener is where the files of a source come from.
type opener interface {
	list() (listing, error)
	check(name string) error // nil: there is such a regular file
	read(name string) ([]byte, error)
	stamp(name string) (stamp, error) // may be called from several goroutines at once, as read
	origin() []stamp                  // of the archives as a whole
	io.Closer
}

// listing is what a folder or an archive holds: the names of images, of other files, and of folders that are named like splits.
type listing struct {
	images  []string
	others  []string
	folders []string
	left    omissions       // what is no image, counted by reason
	over    map[string]bool // of an archive: what is passed over, each counted once, however many entries lie in it
}

// add takes a file into the listing: as an image when its extension says so.
func (l *listing) add(name string) {
	if isImageName(name) {
		l.images = append(l.images, name)
		return
	}
	l.others = append(l.others, name)
	l.left.add(whyNoImage(name), name)
}

// addFolder takes note of a folder.
func (l *listing) addFolder(name string) {
	if splitOf(path.Base(name)) != "" {
		l.folders = append(l.folders, name)
	}
}
