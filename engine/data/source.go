package data

import (
	"cmp"
	"io"
	"slices"
	"strings"

	"udml-gpu/engine/data/archive"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/notes"
	"udml-gpu/engine/data/picture"
)

// Options say how a source is read.
type Options struct {
	// Labels: "auto" (or empty) takes the class folders of train/ and test/ splits and no other labels; "folder" takes
	// the top-level folders as classes where there are no splits; "none" takes none.
	Labels string
	// Boxes: "auto" (or empty) crops to the boxes of csv and jsonl lists, "crop" to those of any format that has them,
	// "ignore" takes whole images.
	Boxes string
	// Layout: "auto" (or empty) reads folders named train, test and val as splits where nothing else is beside them, "splits" whatever
	// is beside them, "plain" never. Data sets with lists have no layout.
	Layout string
	// Follow goes through symbolic links to folders. Data sets with lists need none of it: they open what they list.
	Follow bool
	// Index is a folder where the indices of tars in a store are kept; "": nowhere.
	Index string
}

// Source is a folder or an archive of images, with its splits.
type Source struct {
	name   string
	files  archive.Opener
	splits []*Set // "train", "test" and others that lists name, where present
	all    *Set
	ks     []int // of Recall@K; nil: the usual ones
	layout string
	notes  []notes.Note
	closed bool
}

// Open reads the names in a folder or an archive (zip, tar, gzip'd tar), or the lists of "format:path" (cub, cars, sop,
// inshop, csv, jsonl), or the built-in images (Demo); pixels are read later. Errors are *Error: no such path, not an archive, unsafe
// names, no images, and for lists the file and line that is wrong.
func Open(spec string, o Options) (*Source, error) {
	if classes, ok := DemoClasses(spec); ok && IsDemo(spec) {
		return openDemo(classes)
	}
	if f, path, ok := schemeOf(spec); ok {
		return openScheme(spec, f, path, o)
	}
	if o.Boxes == "crop" {
		return nil, noBoxes(spec)
	}
	files, err := openFiles(spec, o.Index)
	if err != nil {
		return nil, err
	}
	if shards, ok := files.(*archive.Shards); ok {
		return openListed(spec, shardScheme(), spec, shards, o)
	}
	if f, ok := files.(archive.Folder); ok {
		f.Follow = o.Follow
		files = f
	}
	return newSource(spec, files, o)
}

// OpenZip is Open of a zip held in r; messages call it name.
func OpenZip(name string, r io.ReaderAt, size int64, o Options) (*Source, error) {
	z, err := archive.NewZip(name, r, size)
	if err != nil {
		return nil, err
	}
	return newSource(name, z, o)
}

func newSource(name string, files archive.Opener, o Options) (*Source, error) {
	l, err := files.List()
	if err == nil && len(l.Images) == 0 {
		err = noImages(name, l)
	}
	if err != nil {
		files.Close()
		return nil, err
	}
	slices.Sort(l.Images)
	s := &Source{name: name, files: files}
	s.note(l.Left.Notes())
	s.makeSplits(l, o)
	switch {
	case o.Labels == "folder" && len(s.all.Classes) == 0:
		err = baddata.Errorf("%s has no class folders: --labels folder expects its images in one folder a class", name)
	case o.Layout == "splits" && len(s.splits) == 0:
		err = baddata.Errorf("%s has no folders train, test or val at its top: "+
			"--layout splits expects one of them there, or in one folder around all",
			name)
	}
	if err != nil {
		files.Close()
		return nil, err
	}
	return s, nil
}

// noImages is the error for a source without images; it lists what was found instead.
func noImages(name string, l archive.Listing) error {
	seen := l.Left.Texts()
	if len(seen) == 0 {
		return baddata.Errorf("%s is empty: expected images (%s)", name, strings.Join(picture.Images(), " "))
	}
	return baddata.Errorf("%s holds no images, but %s: expected names ending in %s",
		name, strings.Join(seen, "; "), strings.Join(picture.Images(), " "))
}

// Splits are the names of the splits that the source has: "train", "test", and with lists also "val"; "query" and "gallery" are
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

// Layout is how the source was read: "splits" by its folders, "plain" as one set, "list" by its lists.
func (s *Source) Layout() string { return s.layout }

// Notes are notes on what the source holds but does not use, and on doubtful readings of it: warnings first.
func (s *Source) Notes() []notes.Note { return s.notes }

// note adds notes.
func (s *Source) note(list []notes.Note) {
	rank := func(n notes.Note) int {
		if n.Warning {
			return 0
		}
		return 1
	}
	s.notes = append(s.notes, list...)
	slices.SortStableFunc(s.notes, func(a, b notes.Note) int { return cmp.Compare(rank(a), rank(b)) })
}

// Close closes the files, once. After it, sets cannot read images, but caches made from them stay valid.
func (s *Source) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	return s.files.Close()
}
