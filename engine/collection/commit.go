package collection

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"slices"

	"udml-gpu/models/disk"
)

// Commit makes c the content of the collection. changed is false where it is that already.
func (w *Writer) Commit(c Contents, damaged []Damaged) (changed bool, err error) {
	if changed, err = w.changes(c, damaged); err != nil {
		return false, err
	}
	if !changed {
		return false, w.drop()
	}
	m := *w.Manifest
	m.Generation++
	m.Images, m.Gone, m.Damaged = c.Images, 0, damaged
	if err := w.writeRows(&m, c); err != nil {
		return false, err
	}
	items := func(to io.Writer) error { return w.writeItems(to, c, &m.Gone) }
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

// writeRows writes the vectors of m.
func (w *Writer) writeRows(m *Manifest, c Contents) (err error) {
	halves := m.Type == Float16
	ending := map[bool]string{false: "f32", true: "f16"}[halves]
	m.Vectors, err = w.file(fmt.Sprintf("vectors-%06d.%s", m.Generation, ending), func(to io.Writer) error {
		return w.copyRows(to, c, halves)
	})
	if m.Halves = nil; err != nil || halves || m.Images < w.HalvesFrom {
		return err
	}
	f, err := w.file(fmt.Sprintf("halves-%06d.f16", m.Generation), func(to io.Writer) error { return w.copyRows(to, c, true) })
	m.Halves = &f
	return err
}

// changes tells whether the contents and damaged differ from the present generation.
func (w *Writer) changes(c Contents, damaged []Damaged) (bool, error) {
	if w.old == nil || c.Images != w.old.n || !slices.Equal(damaged, w.Manifest.Damaged) {
		return true, nil
	}
	row, old := 0, w.old.cursor()
	defer old.close()
	for number, p := range c.Places {
		if p != Kept(row) {
			return true, nil
		}
		was, err := old.item(row)
		if err != nil {
			return false, err
		}
		it := *was
		if c.Describe(number, &it); it != *was {
			return true, nil
		}
		row++
	}
	return false, nil
}

// writeItems writes the items of the contents, and counts those that are gone.
func (w *Writer) writeItems(to io.Writer, c Contents, gone *int) error {
	from, err := w.sources(c)
	if err != nil {
		return err
	}
	defer from.close()
	return writeItems(to, func(yield func(*Item, error) bool) {
		for number, p := range c.Places {
			it, err := from.item(p)
			if err == nil {
				if c.Describe(number, it); it.Gone {
					*gone++
				}
			}
			if !yield(it, err) {
				return
			}
		}
	})
}

// sources are where the items of a generation come from.
type sources struct {
	kept  *cursor // nil: there is no present generation
	moved *spool  // nil: none has moved
	added *lines
}

func (w *Writer) sources(c Contents) (s *sources, err error) {
	s = &sources{added: &w.journal.lines}
	if w.old == nil {
		return s, nil
	}
	if rows := movedRows(c.Places); len(rows) > 0 {
		if s.moved, err = w.old.spooled(rows, filepath.Join(w.Path, pendingDir)); err != nil {
			return nil, err
		}
	}
	s.kept = w.old.cursor()
	return s, nil
}

// movedRows are the rows of moved images, ascending and each once.
func movedRows(places iter.Seq2[int, Place]) (rows []int) {
	for _, p := range places {
		if p.moved() {
			rows = append(rows, p.row())
		}
	}
	slices.Sort(rows)
	return slices.Compact(rows)
}

// item is the one at a place, valid until the next call; it may be changed.
func (s *sources) item(p Place) (*Item, error) {
	switch {
	case p.added():
		return s.added.item(p.row())
	case p.moved():
		return s.moved.of(p.row())
	}
	it, err := s.kept.item(p.row())
	if err != nil {
		return nil, err
	}
	own := *it
	return &own, nil
}

func (s *sources) close() {
	if s.kept != nil {
		s.kept.close()
	}
	if s.moved != nil {
		_ = s.moved.f.Close()
	}
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
