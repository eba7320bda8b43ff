package data

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// Options say how a source is read.
type Options struct {
	// Labels: "auto" (or empty) takes the class folders of train/ and test/ splits and no other labels; "folder" takes
	// the top-level folders as classes where there are no splits; "none" takes none.
	Labels string
	// Boxes: "auto" (or empty) crops to the boxes of csv and jsonl lists, "crop" to those of any format that has them,
	// "ignore" takes whole images.
	Boxes string
}

// Source is a folder or an archive of images, with its splits.
type Source struct {
	name   string
	files  opener
	splits []*Set // "train", "test" and what else lists say, where present
	all    *Set
	ks     []int // of Recall@K; nil: the usual ones
}

// opener is where the files of a source come from.
type opener interface {
	list() (listing, error)
	check(name string) error // nil: there is such a regular file
	read(name string) ([]byte, error)
	stamp(name string) (stamp, error) // may be called from several goroutines at once, as read
	origin() []stamp                  // of the archives as a whole
	io.Closer
}

// listing is what a folder or an archive holds: the names of images, and of what else was seen.
type listing struct {
	images []string
	others []string
}

// add takes a file into the listing: as an image when its extension says so.
func (l *listing) add(name string) {
	if isImageName(name) {
		l.images = append(l.images, name)
	} else {
		l.others = append(l.others, name)
	}
}

// extensions are the files that are taken for images; what they really hold is found out by looking inside.
var extensions = []string{".bmp", ".dib", ".gif", ".jfif", ".jpe", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}

func isImageName(name string) bool {
	return slices.Contains(extensions, strings.ToLower(path.Ext(name)))
}

// isHidden tells files that no person put there: .DS_Store, .git, and what macOS adds to zips.
func isHidden(part string) bool { return strings.HasPrefix(part, ".") || part == "__MACOSX" }

// Open reads the names in a folder or an archive (zip, tar, gzip'd tar), or the lists of "format:path" (cub, cars, sop,
// inshop, csv, jsonl); pixels are read later. Errors are *Error: no such path, not an archive, unsafe names, no images, and for lists
// the file and line that is wrong.
func Open(spec string, o Options) (*Source, error) {
	if f, path, ok := schemeOf(spec); ok {
		return openScheme(spec, f, path, o)
	}
	if o.Boxes == "crop" {
		return nil, noBoxes(spec)
	}
	files, err := openFiles(spec)
	if err != nil {
		return nil, err
	}
	return newSource(spec, files, o)
}

// openFiles opens a folder or an archive.
func openFiles(path string) (opener, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, Errorf("%s does not exist: expected a folder or a zip or tar of images, or %s with a path", path, schemeNames())
	}
	if err != nil {
		return nil, Errorf("%s cannot be opened: %w", path, plainCause(err))
	}
	if info.IsDir() {
		return folder(path), nil
	}
	return openArchive(path)
}

// OpenZip is Open of a zip held in r; name stands for it in messages.
func OpenZip(name string, r io.ReaderAt, size int64, o Options) (*Source, error) {
	z, err := newZip(name, r, size)
	if err != nil {
		return nil, err
	}
	return newSource(name, z, o)
}

func newSource(name string, files opener, o Options) (*Source, error) {
	l, err := files.list()
	if err == nil && len(l.images) == 0 {
		err = noImages(name, len(l.others))
	}
	if err != nil {
		files.Close()
		return nil, err
	}
	slices.Sort(l.images)
	s := &Source{name: name, files: files}
	s.divide(l.images, o.Labels)
	if o.Labels == "folder" && len(s.all.Classes) == 0 {
		files.Close()
		return nil, Errorf("%s has no class folders: --labels folder expects its images in one folder a class", name)
	}
	return s, nil
}

func noImages(name string, others int) error {
	if others == 0 {
		return Errorf("%s is empty: expected images (%s)", name, strings.Join(extensions, " "))
	}
	return Errorf("%s holds no images: %d other files seen, expected names ending in %s", name, others, strings.Join(extensions, " "))
}

// Splits are the names of the splits that the source has: "train", "test", and of lists "val"; "query" and "gallery" are
// parts of "test".
func (s *Source) Splits() []string {
	var names []string
	for _, set := range s.splits {
		names = append(names, set.Name)
	}
	return names
}

// Split is the split of that name; "" and "all" are all images. It is nil when there is no such split.
func (s *Source) Split(name string) *Set {
	if name == "" || name == "all" {
		return s.all
	}
	for _, set := range s.splits {
		if set.Name == name {
			return set
		}
	}
	return nil
}

// Close closes the files; sets cannot read images after it, caches stay.
func (s *Source) Close() error { return s.files.Close() }
