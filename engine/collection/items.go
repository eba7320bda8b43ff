package collection

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
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

// rowGroup bounds the rows that are in memory at a time while the file of items is written.
const rowGroup = 1 << 14

// maxItems is the largest file of items that is read, in bytes.
const maxItems = 16 << 30

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

// writeItems writes n items as Parquet.
func writeItems(w io.Writer, n int, item func(i int) *Item) error {
	p := parquet.NewGenericWriter[row](w, parquet.Compression(&parquet.Zstd), parquet.MaxRowsPerRowGroup(rowGroup),
		parquet.CreatedBy("udml-gpu", fmt.Sprint(Version), ""))
	rows := make([]row, 0, rowGroup)
	for i := range n {
		if rows = append(rows, rowOf(item(i))); len(rows) == cap(rows) || i == n-1 {
			if _, err := p.Write(rows); err != nil {
				return err
			}
			rows = rows[:0]
		}
	}
	return p.Close()
}

// readItems reads the items that the manifest of the collection at path names.
func readItems(path string, m *Manifest) ([]Item, error) {
	b, err := disk.ReadFile(filepath.Join(path, m.Items.Name), maxItems)
	if err != nil {
		return nil, baddata.Errorf("%s: its %s cannot be read: %w", path, m.Items.Name, err)
	}
	if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != m.Items.SHA256 {
		return nil, baddata.Errorf("%s is damaged: its %s is not the file that was written; udml-gpu embed makes it anew",
			path, m.Items.Name)
	}
	items, err := parseItems(b, m.Images)
	if err != nil {
		return nil, baddata.Errorf("%s is damaged: its %s: %v; udml-gpu embed makes it anew", path, m.Items.Name, err)
	}
	return items, nil
}

// parseItems reads n items. The Parquet reader may panic on damaged bytes.
func parseItems(b []byte, n int) (items []Item, err error) {
	defer func() {
		if p := recover(); p != nil {
			items, err = nil, fmt.Errorf("it cannot be read as Parquet: %v", p)
		}
	}()
	f, err := parquet.OpenFile(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, err
	}
	if f.NumRows() != int64(n) {
		return nil, fmt.Errorf("it has %d rows, expected %d", f.NumRows(), n)
	}
	first, at := make([]int, 0, len(f.RowGroups())), 0
	for _, g := range f.RowGroups() {
		if g.NumRows() < 0 || g.NumRows() > int64(n-at) {
			return nil, fmt.Errorf("its parts have more than the %d rows expected", n)
		}
		first, at = append(first, at), at+int(g.NumRows())
	}
	if at != n {
		return nil, fmt.Errorf("its parts have %d rows, expected %d", at, n)
	}
	items = make([]Item, n)
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, g := range f.RowGroups() {
		group.Go(func() error { return readGroup(items[first[i]:first[i]+int(g.NumRows())], g) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for i := range items {
		if err := items[i].check(items[:i+1]); err != nil {
			return nil, err
		}
	}
	return items, nil
}

// readGroup reads the rows of a part into items.
func readGroup(items []Item, g parquet.RowGroup) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("it cannot be read as Parquet: %v", p)
		}
	}()
	r := parquet.NewGenericRowGroupReader[row](g)
	defer func() { _ = r.Close() }()
	for block, at := make([]row, 1024), 0; ; {
		got, err := r.Read(block)
		if got > len(items)-at {
			return fmt.Errorf("a part has more than the %d rows expected", len(items))
		}
		for i := range block[:got] {
			items[at+i] = block[i].item()
		}
		at += got
		switch {
		case err == io.EOF && at == len(items):
			return nil
		case err == io.EOF || err == nil && got == 0:
			return fmt.Errorf("a part has %d rows, expected %d", at, len(items))
		case err != nil:
			return err
		}
	}
}

// check refuses an item, the last of items, that no writer makes.
func (it *Item) check(items []Item) error {
	if why := archive.LeadsOut(it.Path); it.Path == "" || why != "" {
		return fmt.Errorf("row %d: the path %q %s", len(items)-1, it.Path, why)
	}
	if !isSHA256(it.SHA256) {
		return fmt.Errorf("row %d: %q has no SHA-256", len(items)-1, it.Path)
	}
	if n := len(items); n > 1 && items[n-2].Path >= it.Path {
		return fmt.Errorf("row %d: %q is out of order", n-1, it.Path)
	}
	return nil
}
