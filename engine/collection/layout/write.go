package layout

import (
	"encoding/csv"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/rawname"
	"udml-gpu/models/disk"
)

// Formats are the ends of the names of files that Write writes.
var Formats = []string{".csv", ".parquet", ".png"}

// placeRow is an image with its place in a table. Texts are rawname.Text.
type placeRow struct {
	Path  string   `parquet:"path,optional"`
	ID    string   `parquet:"id,optional"`
	X     *float32 `parquet:"x,optional"`
	Y     *float32 `parquet:"y,optional"`
	Label string   `parquet:"label,optional,dict"`
	Group string   `parquet:"group,optional,dict"` // its name; "": in none, or the collection has no groups
}

// Write replaces the file by the map: a table with a line for each image on it (.csv, .parquet), or a picture (.png), for which p must
// not be nil. shown is how many images it has. tell is told how far a picture is. Errors are *baddata.Error.
func Write(file string, c *collection.Collection, m *collection.Map, p Thumbnails, tell func(done, total int)) (shown int, err error) {
	write := func(w io.Writer) (int, error) { return writeCSV(w, c, m) }
	switch strings.ToLower(filepath.Ext(file)) {
	case ".parquet":
		write = func(w io.Writer) (int, error) { return writeParquet(w, c, m) }
	case ".png":
		write = func(w io.Writer) (int, error) { return writeMosaic(w, m, p, tell) }
	}
	err = disk.ReplaceBy(disk.OS, file, func(w io.Writer) (err error) {
		shown, err = write(w)
		return err
	})
	if err != nil {
		return 0, baddata.Errorf("%s cannot be written: %w", file, err)
	}
	return shown, nil
}

// eachRow calls do for every image on the map.
func eachRow(c *collection.Collection, m *collection.Map, do func(r placeRow) error) (n int, err error) {
	groups, _ := c.Groups() // nil where there are none of these images
	for i := range c.Items {
		x, y, ok := m.Place(i)
		if !ok {
			continue
		}
		it := &c.Items[i]
		r := placeRow{Path: rawname.Text(it.Path), ID: it.ID(), X: &x, Y: &y, Label: rawname.Text(it.Label)}
		if groups != nil && groups.Of[i] >= 0 {
			r.Group = groups.Names[groups.Of[i]]
		}
		if err := do(r); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func writeCSV(w io.Writer, c *collection.Collection, m *collection.Map) (int, error) {
	out := csv.NewWriter(w)
	_ = out.Write([]string{"path", "id", "x", "y", "label", "group"}) // an error is that of Error
	n, _ := eachRow(c, m, func(r placeRow) error {
		return out.Write([]string{r.Path, r.ID, number(*r.X), number(*r.Y), r.Label, r.Group})
	})
	out.Flush()
	return n, out.Error()
}

func number(v float32) string { return strconv.FormatFloat(float64(v), 'g', -1, 32) }

// parquetRows bounds the rows of a group of rows, which are in memory together.
const parquetRows = 1 << 14

func writeParquet(w io.Writer, c *collection.Collection, m *collection.Map) (int, error) {
	out := parquet.NewGenericWriter[placeRow](w, parquet.Compression(&parquet.Zstd), parquet.MaxRowsPerRowGroup(parquetRows))
	n, err := eachRow(c, m, func(r placeRow) error {
		_, err := out.Write([]placeRow{r})
		return err
	})
	if err == nil {
		err = out.Close()
	}
	return n, err
}
