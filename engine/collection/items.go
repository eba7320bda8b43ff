package collection

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"runtime"

	"github.com/parquet-go/parquet-go"
	"golang.org/x/sync/errgroup"

	"udml-gpu/engine/data/archive"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/picture"
	"udml-gpu/engine/data/rawname"
	"udml-gpu/models/disk"
)

const (
	rowGroup   = 1 << 14 // rows of a part of the file of items, which is in memory, encoded, while it is written
	groupBlock = 1 << 10 // rows that are in memory as such at a time
)

// row is an item in the Parquet file, path and label as rawname.Text: a Parquet STRING is UTF-8. All columns are optional, as readers that
// look at the metadata of Hugging Face datasets want.
type row struct {
	ID         string  `parquet:"id,optional"`
	Path       string  `parquet:"path,optional"`
	SHA256     string  `parquet:"sha256,optional"`
	Size       int64   `parquet:"size,optional"`
	Mark       int64   `parquet:"mark,optional"`
	Width      int32   `parquet:"width,optional"`
	Height     int32   `parquet:"height,optional"`
	Format     string  `parquet:"format,optional,dict"`
	Taken      string  `parquet:"taken,optional"`
	Label      string  `parquet:"label,optional,dict"`
	Split      string  `parquet:"split,optional,dict"`
	BoxX       float64 `parquet:"box_x,optional"`
	BoxY       float64 `parquet:"box_y,optional"`
	BoxW       float64 `parquet:"box_w,optional"`
	BoxH       float64 `parquet:"box_h,optional"`
	PHash      int64   `parquet:"phash,optional"`
	Brightness float32 `parquet:"brightness,optional"`
	Contrast   float32 `parquet:"contrast,optional"`
	Sharpness  float32 `parquet:"sharpness,optional"`
	Entropy    float32 `parquet:"entropy,optional"`
	Gone       bool    `parquet:"gone,optional"`
}

func rowOf(it *Item) row {
	return row{
		ID: it.ID(), Path: rawname.Text(it.Path), SHA256: it.SHA256, Size: it.Size, Mark: it.Mark, Width: it.Width, Height: it.Height,
		Format: it.Format, Taken: it.Taken, Label: rawname.Text(it.Label), Split: it.Split,
		BoxX: it.Box.X, BoxY: it.Box.Y, BoxW: it.Box.W, BoxH: it.Box.H, PHash: int64(it.Look.PHash),
		Brightness: it.Look.Brightness, Contrast: it.Look.Contrast, Sharpness: it.Look.Sharpness, Entropy: it.Look.Entropy, Gone: it.Gone,
	}
}

func (r *row) item() Item {
	return Item{
		Path: rawname.Bytes(r.Path), SHA256: r.SHA256, Size: r.Size, Mark: r.Mark, Width: r.Width, Height: r.Height,
		Format: r.Format, Taken: r.Taken, Label: rawname.Bytes(r.Label), Split: r.Split,
		Box:  picture.Box{X: r.BoxX, Y: r.BoxY, W: r.BoxW, H: r.BoxH},
		Look: Look{uint64(r.PHash), r.Brightness, r.Contrast, r.Sharpness, r.Entropy}, Gone: r.Gone,
	}
}

// writeItems writes items as Parquet, and ends with the first error of theirs.
func writeItems(w io.Writer, items iter.Seq2[*Item, error]) error {
	codec, err := newZstd()
	if err != nil {
		return err
	}
	p := parquet.NewGenericWriter[row](w, parquet.Compression(codec), parquet.MaxRowsPerRowGroup(rowGroup),
		parquet.CreatedBy("udml-gpu", fmt.Sprint(Version), ""))
	rows := make([]row, 0, groupBlock)
	for it, err := range items {
		if err != nil {
			return err
		}
		if rows = append(rows, rowOf(it)); len(rows) < cap(rows) {
			continue
		}
		if _, err := p.Write(rows); err != nil {
			return err
		}
		rows = rows[:0]
	}
	if len(rows) > 0 {
		if _, err := p.Write(rows); err != nil {
			return err
		}
	}
	return p.Close()
}

// openItems opens the file of items that the manifest of the collection at path names, after a look at its checksum.
func openItems(path string, m *Manifest) (*os.File, *parquet.File, error) {
	name := m.Items.Name
	f, info, err := disk.Open(filepath.Join(path, name))
	if err != nil {
		return nil, nil, baddata.Errorf("%s: its %s cannot be read: %w", path, name, err)
	}
	sum := sha256.New()
	_, err = io.Copy(sum, f)
	switch {
	case err != nil:
		err = baddata.Errorf("%s: its %s cannot be read: %w", path, name, err)
	case hex.EncodeToString(sum.Sum(nil)) != m.Items.SHA256:
		err = baddata.Errorf("%s is damaged: its %s is not the file that was written; udml-gpu embed makes it anew", path, name)
	default:
		var table *parquet.File
		if table, err = parseTable(f, info.Size(), m.Images); err == nil {
			return f, table, nil
		}
		err = damagedItems(path, name, err)
	}
	_ = f.Close()
	return nil, nil, err
}

func damagedItems(path, name string, err error) error {
	return baddata.Errorf("%s is damaged: its %s: %v; udml-gpu embed makes it anew", path, name, err)
}

func notParquet(p any) error { return fmt.Errorf("it cannot be read as Parquet: %v", p) }

// parseTable reads what a file of n items says of its parts. The Parquet reader may panic on damaged bytes.
func parseTable(r io.ReaderAt, size int64, n int) (f *parquet.File, err error) {
	defer func() {
		if p := recover(); p != nil {
			f, err = nil, notParquet(p)
		}
	}()
	if f, err = parquet.OpenFile(r, size); err != nil {
		return nil, err
	}
	if f.NumRows() != int64(n) {
		return nil, fmt.Errorf("it has %d rows, expected %d", f.NumRows(), n)
	}
	at := 0
	for _, g := range f.RowGroups() {
		if g.NumRows() < 0 || g.NumRows() > int64(n-at) {
			return nil, fmt.Errorf("its parts have more than the %d rows expected", n)
		}
		at += int(g.NumRows())
	}
	if at != n {
		return nil, fmt.Errorf("its parts have %d rows, expected %d", at, n)
	}
	return f, nil
}

// readItems reads the items that the manifest of the collection at path names.
func readItems(path string, m *Manifest) ([]Item, error) {
	f, table, err := openItems(path, m)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	items, err := itemsOf(table)
	if err != nil {
		return nil, damagedItems(path, m.Items.Name, err)
	}
	return items, nil
}

// itemsOf reads all items of a file.
func itemsOf(f *parquet.File) ([]Item, error) {
	items, at := make([]Item, f.NumRows()), 0
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, g := range f.RowGroups() {
		part := items[at : at+int(g.NumRows())]
		at += len(part)
		group.Go(func() error { return readGroup(part, g) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	before := ""
	for i := range items {
		if err := items[i].check(i, before); err != nil {
			return nil, err
		}
		before = items[i].Path
	}
	return items, nil
}

// readGroup reads the rows of a part into items.
func readGroup(items []Item, from parquet.RowGroup) error {
	g, same := newGroupReader(from), words{}
	defer g.close()
	for i := range items {
		r, err := g.next()
		if err != nil {
			return err
		}
		items[i] = r.item()
		for _, text := range []*string{&items[i].Format, &items[i].Label, &items[i].Split, &items[i].Taken} {
			*text = same.of(*text)
		}
	}
	return nil
}

// words gives equal texts one place in memory.
type words map[string]string

func (w words) of(text string) string {
	same, ok := w[text]
	if !ok {
		w[text], same = text, text
	}
	return same
}

// check refuses an item of that row, after the one with the path before, that no writer makes.
func (it *Item) check(row int, before string) error {
	if why := archive.LeadsOut(it.Path); it.Path == "" || why != "" {
		return fmt.Errorf("row %d: the path %q %s", row, it.Path, why)
	}
	if !isSHA256(it.SHA256) {
		return fmt.Errorf("row %d: %q has no SHA-256", row, it.Path)
	}
	if row > 0 && before >= it.Path {
		return fmt.Errorf("row %d: %q is out of order", row, it.Path)
	}
	return nil
}
