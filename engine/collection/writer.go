package collection

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
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

	lock    *os.File
	old     *Collection // the present generation; nil: there is none
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
	w := &Writer{Path: path}
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
	return len(others) == 0 || slices.ContainsFunc(others, func(e os.DirEntry) bool { return e.Name() == manifestFile })
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
	case !exists(filepath.Join(w.Path, manifestFile)):
		return nil
	}
	if w.Manifest, err = ReadManifest(w.Path); err != nil {
		return err
	}
	w.sweep()
	if w.Manifest.Generation > 0 {
		w.old, err = Open(w.Path)
	}
	return err
}

// sweep removes what killed writers left: files of other generations.
func (w *Writer) sweep() {
	entries, _ := os.ReadDir(w.Path) // an unreadable folder is reported when it is used
	for _, e := range entries {
		name := e.Name()
		generation := strings.HasPrefix(name, "vectors-") || strings.HasPrefix(name, "items-")
		if leftover(name) || generation && name != w.Manifest.Vectors.Name && name != w.Manifest.Items.Name {
			_ = os.Remove(filepath.Join(w.Path, name))
		}
	}
}

// Start records source and network before the first image is embedded, so that an interrupted writer can go on by itself.
func (w *Writer) Start(m Manifest) error {
	m.Format, m.Version, m.Metric = format, Version, "cosine"
	if w.Manifest != nil {
		m.Generation, m.Images, m.Gone, m.Damaged = w.Manifest.Generation, w.Manifest.Images, w.Manifest.Gone, w.Manifest.Damaged
		m.Vectors, m.Items = w.Manifest.Vectors, w.Manifest.Items
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

// Known are an item that has its vector already, and where.
type Known struct {
	Item
	row int // of the present generation, or of the journal
	new bool
}

// Begin opens the journal, and gives what has a vector already: the present generation, then what the journal holds beyond it.
func (w *Writer) Begin() (known []Known, err error) {
	if w.journal, err = openJournal(w.Path, w.Manifest.Dimensions); err != nil {
		return nil, w.failed(err)
	}
	if w.old != nil {
		for i, it := range w.old.Items {
			known = append(known, Known{Item: it, row: i})
		}
	}
	for i, it := range w.journal.found {
		known = append(known, Known{Item: it, row: i, new: true})
	}
	w.journal.found = nil
	return known, nil
}

// Add keeps items with their unit rows [len(items),D], and gives where. A writer that is killed after it will find them at Begin.
func (w *Writer) Add(items []Item, rows []float32) ([]Known, error) {
	first := w.journal.n
	if err := w.journal.add(items, rows); err != nil {
		return nil, w.failed(err)
	}
	list := make([]Known, len(items))
	for i, it := range items {
		list[i] = Known{Item: it, row: first + i, new: true}
	}
	return list, nil
}

// Commit makes the list, in byte order of the paths, the content of the collection. changed is false where it is that already.
func (w *Writer) Commit(list []Known, damaged []Damaged) (changed bool, err error) {
	if !w.changes(list, damaged) {
		return false, w.drop()
	}
	m := *w.Manifest
	m.Generation++
	m.Images, m.Gone, m.Damaged = len(list), 0, damaged
	for i := range list {
		if list[i].Gone {
			m.Gone++
		}
	}
	rows := func(to io.Writer) error { return w.copyRows(to, list) }
	if m.Vectors, err = w.file(fmt.Sprintf("vectors-%06d.f32", m.Generation), rows); err != nil {
		return false, err
	}
	items := func(to io.Writer) error { return writeItems(to, len(list), func(i int) *Item { return &list[i].Item }) }
	m.Items, err = w.file(fmt.Sprintf("items-%06d.parquet", m.Generation), items)
	if err == nil {
		if err = m.write(w.Path); err != nil {
			err = w.failed(err)
		}
	}
	if err != nil {
		return false, err
	}
	*w.Manifest = m
	w.sweep()
	return true, w.drop()
}

// drop removes the journal.
func (w *Writer) drop() error {
	w.journal.close()
	w.journal = nil
	if err := dropJournal(w.Path); err != nil {
		return w.failed(err)
	}
	return nil
}

// changes tells whether list and damaged differ from the present generation.
func (w *Writer) changes(list []Known, damaged []Damaged) bool {
	if w.old == nil || len(list) != len(w.old.Items) || !slices.Equal(damaged, w.Manifest.Damaged) {
		return true
	}
	for i := range list {
		if list[i].new || list[i].row != i || list[i].Item != w.old.Items[i] {
			return true
		}
	}
	return false
}

// file writes a file of a generation.
func (w *Writer) file(name string, write func(io.Writer) error) (File, error) {
	f := File{Name: name}
	err := disk.ReplaceBy(disk.OS, filepath.Join(w.Path, name), func(to io.Writer) error {
		sum, count := sha256.New(), &counter{}
		b := bufio.NewWriterSize(io.MultiWriter(to, sum, count), 1<<20)
		err := write(b)
		if err == nil {
			err = b.Flush()
		}
		f.Size, f.SHA256 = count.n, hex.EncodeToString(sum.Sum(nil))
		return err
	})
	if err != nil {
		return f, w.failed(err)
	}
	return f, nil
}

type counter struct{ n int64 }

func (c *counter) Write(p []byte) (int, error) { c.n += int64(len(p)); return len(p), nil }

// Close unlocks the collection. What was added and not committed stays for the next writer.
func (w *Writer) Close() {
	if w.journal != nil {
		w.journal.close()
	}
	if w.old != nil {
		_ = w.old.Close()
	}
	if w.lock != nil {
		_ = w.lock.Close()
	}
}
