package data

import (
	"bytes"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"udml-gpu/engine/data/archive"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/picture"
	"udml-gpu/engine/store"
)

// scheme is a format of data sets that list their images in files of a known layout.
type scheme struct {
	name string
	// open opens the place of the files; path is what follows "name:", keep is that of archive.Open.
	open func(path, keep string) (archive.Opener, error)
	// read reads the lists. Errors are *Error and name file and line.
	read func(l lists, o Options) ([]record, error)
	ks   []int // of Recall@K in the papers that report the data set; nil: the usual ones
	// table: the list is one of the user's own, csv or jsonl.
	table bool
	// boxes: images may have boxes. Those of a table are used unless ignored, those of other formats only on request.
	boxes bool
}

// schemes are the formats of "format:path". To add one, add a file and name it here.
func schemes() []scheme {
	return []scheme{
		{name: "cub", open: openFiles, read: readCUB, boxes: true},
		{name: "cars", open: openCars, read: readCars, boxes: true},
		{name: "sop", open: openFiles, read: readSOP, ks: []int{1, 10, 100, 1000}},
		{name: "inshop", open: openInshop, read: readInshop, ks: []int{1, 10, 20, 30, 40, 50}, boxes: true},
		{name: "csv", open: openTable, read: readCSV, table: true, boxes: true},
		{name: "jsonl", open: openTable, read: readJSONL, table: true, boxes: true},
		shardScheme(),
	}
}

// schemeOf splits "format:path". ok is false where no known format stands before a colon: the whole spec is then a path.
func schemeOf(spec string) (f scheme, path string, ok bool) {
	name, path, colon := strings.Cut(spec, ":")
	for _, f := range schemes() {
		if colon && f.name == name {
			return f, path, true
		}
	}
	return f, spec, false
}

// Path is the file or folder in a value of --data: what follows "format:", or all of it.
func Path(spec string) string {
	_, path, _ := schemeOf(spec)
	return path
}

// Remote tells whether a value of --data is no path on this machine: it is in a store, or a pattern.
func Remote(spec string) bool { return store.Is(Path(spec)) || hasBraces(Path(spec)) }

// HasLists tells whether a value of --data is "format:path", a data set that lists its images.
func HasLists(spec string) bool {
	_, _, ok := schemeOf(spec)
	return ok
}

// Formats are the names of the formats of "format:path".
func Formats() []string { return namesOf(func(scheme) bool { return true }) }

// Boxed are the formats whose images may have boxes: those that are always cropped to them, and those that are cropped on request.
func Boxed() (always, asked []string) {
	return namesOf(func(f scheme) bool { return f.boxes && f.table }), namesOf(func(f scheme) bool { return f.boxes && !f.table })
}

func namesOf(wanted func(scheme) bool) []string {
	var names []string
	for _, f := range schemes() {
		if wanted(f) {
			names = append(names, f.name)
		}
	}
	return names
}

// schemeNames are the formats as a user writes them.
func schemeNames() string { return strings.Join(Formats(), ": ") + ":" }

// openScheme opens a data set of the format f; path is the part of spec after the format's name.
func openScheme(spec string, f scheme, path string, o Options) (*Source, error) {
	if path == "" {
		return nil, baddata.Errorf("--data %s has no path: expected %s:PATH", spec, f.name)
	}
	if err := o.fitsLists(spec, f.name); err != nil {
		return nil, err
	}
	files, err := f.open(path, o.Index)
	if err != nil {
		return nil, err
	}
	if _, ok := files.(table); ok {
		path = above(path)
	}
	return openListed(spec, f, path, files, o)
}

// fitsLists is an error where o asks for what the data set spec, in the format of that name, decides itself.
func (o Options) fitsLists(spec, name string) error {
	if o.Labels == "folder" {
		return baddata.Errorf("--labels folder does not go with %s: %s lists its own labels", spec, name)
	}
	if o.Layout == "splits" || o.Layout == "plain" {
		return baddata.Errorf("--layout %s does not go with %s: %s lists its own splits", o.Layout, spec, name)
	}
	return nil
}

// openListed reads the lists of a data set whose files are open; place is where they are, for messages.
func openListed(spec string, f scheme, place string, files archive.Opener, o Options) (*Source, error) {
	err := o.fitsLists(spec, f.name)
	var s *Source
	if err == nil {
		s, err = openLists(spec, f, lists{files: files, place: place}, o)
	}
	if err != nil {
		files.Close()
		return nil, err
	}
	return s, nil
}

func openLists(spec string, f scheme, l lists, o Options) (*Source, error) {
	records, err := f.read(l, o)
	if err != nil {
		return nil, err
	}
	if len(records) == 0 {
		return nil, baddata.Errorf("%s lists no images", spec)
	}
	if o.Boxes == "crop" && !slices.ContainsFunc(records, func(r record) bool { return r.box != (picture.Box{}) }) {
		return nil, noBoxes(spec)
	}
	s := &Source{name: spec, files: l.files, ks: f.ks}
	if f.table && o.Labels != "none" {
		s.note(classesNamedNaN(records))
	}
	return fromRecords(s, l, records, o)
}

// joinWords writes names as "a, b and c".
func joinWords(names []string) string {
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

func noBoxes(spec string) error {
	always, asked := Boxed()
	return baddata.Errorf("%s has no boxes: --boxes crop goes with %s, and with %s lists that have some",
		spec, joinWords(asked), joinWords(always))
}

// lists is the place of a data set's lists, with its name for messages.
type lists struct {
	files archive.Opener
	place string
}

// display is the path of a file of the data set for messages.
func (l lists) display(name string) string {
	if store.Is(l.place) {
		return strings.TrimSuffix(l.place, "/") + "/" + name
	}
	return filepath.Join(l.place, filepath.FromSlash(name))
}

// read is the content of a list.
func (l lists) read(name string) ([]byte, error) {
	err := l.files.Check(name)
	if err == nil {
		b, failed := l.files.Read(name)
		if failed == nil {
			return b, nil
		}
		err = failed
	}
	return nil, baddata.Errorf("%s cannot be read: %w", l.display(name), err)
}

// maxLine is the longest line of a list in bytes: a path has at most 4096. Lines are quoted in messages, and a hostile list may
// have lines of hundreds of megabytes.
const maxLine = 64 << 10

// text is the content of a list of lines.
func (l lists) text(name string) ([]byte, error) {
	b, err := l.read(name)
	if err != nil {
		return nil, err
	}
	if archive.IsUTF16(b) {
		return nil, baddata.Errorf("%s is in UTF-16: save it as UTF-8", l.display(name))
	}
	n := 0
	for line := range bytes.Lines(b) {
		if n++; len(line) > maxLine {
			return nil, baddata.Errorf("%s, line %d: it has %d bytes, the limit is %d", l.display(name), n, len(line), maxLine)
		}
	}
	return b, nil
}

// has tells whether the file exists, even if it cannot be read.
func (l lists) has(name string) bool { return !errors.Is(l.files.Check(name), fs.ErrNotExist) }

// find is the first of the files that exists; "" when none does.
func (l lists) find(names ...string) (string, error) {
	for _, name := range names {
		err := l.files.Check(name)
		if err == nil {
			return name, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", baddata.Errorf("%s cannot be read: %w", l.display(name), err)
		}
	}
	return "", nil
}

// root is the folder, with a slash, that holds the list: the top, or the top folder of the published archive.
func (l lists) root(list, published string) (string, error) {
	var failed error
	for _, root := range []string{"", published + "/"} {
		err := l.files.Check(root + list)
		if err == nil {
			return root, nil
		}
		if failed == nil || !errors.Is(err, fs.ErrNotExist) {
			failed = err
		}
	}
	if errors.Is(failed, fs.ErrNotExist) {
		return "", baddata.Errorf("%s holds no %s: expected it there or in %s/", l.place, list, published)
	}
	return "", baddata.Errorf("%s cannot be read: %w", l.display(list), failed)
}
