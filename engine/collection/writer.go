package collection

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/models/disk"
)

const lockFile = "lock"

// Writer is the one process that may change a collection.
type Writer struct {
	Path     string
	Manifest *Manifest // nil: nothing is there yet
	// HalvesFrom is from how many images on float32 vectors have a copy in float16, so that a search reads half as much.
	HalvesFrom int

	lock    *os.File
	old     *past // the present generation; nil: there is none
	journal *journal
}

// Claim locks the collection at path, which is made where nothing is there, for this process until Close. Errors are *baddata.Error.
func Claim(path string) (*Writer, error) {
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		return nil, baddata.Errorf("%s is a file: expected a collection, or a new name", path)
	}
	entries, err := os.ReadDir(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, baddata.Errorf("%s cannot be read: %w", path, err)
	}
	w := &Writer{Path: path, HalvesFrom: halvesFrom}
	if len(entries) > 0 && !isOurs(entries) {
		return nil, baddata.Errorf("%s is not empty and is not a collection: name a new folder", path)
	}
	if err := disk.MakeDir(path); err != nil {
		return nil, baddata.Errorf("%s cannot be made: %w", path, err)
	}
	if err := w.claim(); err != nil {
		w.Close()
		return nil, err
	}
	return w, nil
}

// isOurs tells whether these entries are those of a collection that may never have been finished.
func isOurs(entries []os.DirEntry) bool {
	others := slices.DeleteFunc(slices.Clone(entries), func(e os.DirEntry) bool {
		return slices.Contains([]string{lockFile, ModelDir, pendingDir}, e.Name()) || leftover(e.Name())
	})
	return len(others) == 0 || slices.ContainsFunc(others, func(e os.DirEntry) bool { return e.Name() == ManifestFile })
}

// leftover tells whether a file of that name was being written when its writer was killed.
func leftover(name string) bool {
	return strings.HasPrefix(name, ".") && strings.Contains(name, disk.Unfinished[1:])
}

// claim takes the lock and opens what is there.
func (w *Writer) claim() (err error) {
	if w.lock, err = disk.OpenOwn(filepath.Join(w.Path, lockFile)); err != nil {
		return baddata.Errorf("%s cannot be written: %w", w.Path, err)
	}
	ok, err := disk.TryLock(w.lock)
	switch {
	case err != nil:
		return baddata.Errorf("%s cannot be locked: %w", w.Path, err)
	case !ok:
		return baddata.Errorf("%s is being written by another process", w.Path)
	case !exists(filepath.Join(w.Path, ManifestFile)):
		return nil
	}
	if w.Manifest, err = ReadManifest(w.Path); err != nil {
		return err
	}
	w.sweep()
	if w.Manifest.Generation > 0 {
		w.old, err = openPast(w.Path, w.Manifest)
	}
	return err
}

// sweep removes what killed writers left: files of other generations.
func (w *Writer) sweep() {
	entries, _ := os.ReadDir(w.Path) // an unreadable folder is reported when it is used
	for _, e := range entries {
		name := e.Name()
		generation := strings.HasPrefix(name, "vectors-") || strings.HasPrefix(name, "items-") || strings.HasPrefix(name, "halves-")
		present := slices.ContainsFunc(w.Manifest.files(), func(f File) bool { return f.Name == name })
		if leftover(name) || generation && !present {
			_ = os.Remove(filepath.Join(w.Path, name))
		}
	}
}

// Start records source and network before the first image is embedded, so that an interrupted writer can go on by itself.
func (w *Writer) Start(m Manifest) error {
	m.Format, m.Version, m.Metric = format, 1, "cosine"
	if m.Type == Float16 {
		m.Version = Version
	}
	if w.Manifest != nil {
		m.Generation, m.Images, m.Gone, m.Damaged = w.Manifest.Generation, w.Manifest.Images, w.Manifest.Gone, w.Manifest.Damaged
		m.Vectors, m.Halves, m.Items = w.Manifest.Vectors, w.Manifest.Halves, w.Manifest.Items
	}
	if err := m.write(w.Path); err != nil {
		return w.failed(err)
	}
	w.Manifest = &m
	return nil
}

func (w *Writer) failed(err error) error {
	return baddata.Errorf("%s cannot be written: %w", w.Path, err)
}

// Begin opens the journal and hands on what it holds: images that have a vector already, with their places; of two with a path the later
// one is newer, and each is newer than one of the present generation. An item is valid until found returns. known is how many images have
// a vector, those of the present generation included.
func (w *Writer) Begin(found func(p Place, it *Item)) (known int, err error) {
	next := w.Manifest.Generation + 1
	w.journal, err = openJournal(w.Path, w.Manifest.Dimensions, next, func(n int, it *Item) { found(Added(n), it) })
	if err != nil {
		return 0, w.failed(err)
	}
	if known = w.journal.n; w.old != nil {
		known += w.old.n
	}
	return known, nil
}

// EachKept goes through the images of the present generation, in byte order of their paths. An item is valid until f returns.
func (w *Writer) EachKept(f func(row int, it *Item)) error {
	if w.old == nil {
		return nil
	}
	return w.old.each(f)
}

// EachAdded goes through the images of the journal. An item is valid until f returns.
func (w *Writer) EachAdded(f func(n int, it *Item)) error {
	for n := range w.journal.n {
		it, err := w.journal.item(n)
		if err != nil {
			return w.failed(err)
		}
		f(n, it)
	}
	return nil
}

// Add keeps items with their unit rows [len(items),D] in the journal, and gives the number of the first: they stand there one after the
// other. A writer that is killed after it will find them at Begin.
func (w *Writer) Add(items []Item, rows []float32) (first int, err error) {
	first = w.journal.n
	if err := w.journal.add(items, rows); err != nil {
		return 0, w.failed(err)
	}
	return first, nil
}

// Close unlocks the collection. What was added and not committed stays for the next writer.
func (w *Writer) Close() {
	if w.journal != nil {
		w.journal.close()
	}
	if w.old != nil {
		w.old.close()
	}
	if w.lock != nil {
		_ = w.lock.Close()
	}
}
