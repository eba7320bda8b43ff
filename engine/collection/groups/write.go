package groups

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/pictures"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/rawname"
	"udml-gpu/engine/images"
	"udml-gpu/models/disk"
)

// groupRow is an image with its group in a table.
type groupRow struct {
	Path   string `parquet:"path,optional"` // rawname.Text
	ID     string `parquet:"id,optional"`
	Group  *int32 `parquet:"group,optional"` // -1: none
	Name   string `parquet:"name,optional,dict"`
	Medoid *bool  `parquet:"medoid,optional"`
}

// row is image n of the result.
func (r *Result) row(n int, c *collection.Collection) groupRow {
	it, g := &c.Items[r.Items[n]], r.Of[n]
	row, medoid := groupRow{Path: rawname.Text(it.Path), ID: it.ID(), Group: &g}, false
	if g >= 0 {
		row.Name, medoid = r.Names[g], r.Central[g] == r.Items[n]
	}
	row.Medoid = &medoid
	return row
}

// WriteCSV replaces the file by a line for each image: path, id, group (-1: none), the group's name, and whether it is the medoid.
func (r *Result) WriteCSV(file string, c *collection.Collection) error {
	return replace(file, func(w io.Writer) error {
		out := csv.NewWriter(w)
		_ = out.Write([]string{"path", "id", "group", "name", "medoid"}) // an error is that of Flush
		for n := range r.Items {
			row := r.row(n, c)
			_ = out.Write([]string{row.Path, row.ID, strconv.Itoa(int(*row.Group)), row.Name, strconv.FormatBool(*row.Medoid)})
		}
		out.Flush()
		return out.Error()
	})
}

// parquetRows bounds the rows of a group of rows, which are in memory together.
const parquetRows = 1 << 14

// WriteParquet is WriteCSV as a Parquet table.
func (r *Result) WriteParquet(file string, c *collection.Collection) error {
	return replace(file, func(w io.Writer) error {
		out := parquet.NewGenericWriter[groupRow](w, parquet.Compression(&parquet.Zstd), parquet.MaxRowsPerRowGroup(parquetRows))
		for n := range r.Items {
			if _, err := out.Write([]groupRow{r.row(n, c)}); err != nil {
				return err
			}
		}
		return out.Close()
	})
}

// replace replaces the file.
func replace(file string, write func(io.Writer) error) error {
	if err := disk.ReplaceBy(disk.OS, file, write); err != nil {
		return baddata.Errorf("%s cannot be written: %w", file, err)
	}
	return nil
}

// WriteFolders fills a new folder with one folder a group, named by its number and name, and one called none for images in no group. link
// makes symbolic links to the files of a data set that is a folder; otherwise files are copied. The folder appears when it is complete.
func (r *Result) WriteFolders(folder string, c *collection.Collection, p *pictures.Pictures, link bool, ui images.UI) error {
	root := p.Where()
	if info, err := os.Stat(root); link && (err != nil || !info.IsDir()) {
		return baddata.Errorf("%s is no folder, so that its images cannot be linked to; copies can be made of them", root)
	}
	return fill(folder, func(fresh string) error { return r.intoFolders(fresh, root, c, p, link, ui) })
}

// intoFolders is WriteFolders into a folder that is there.
func (r *Result) intoFolders(folder, root string, c *collection.Collection, p *pictures.Pictures, link bool, ui images.UI) error {
	for n, i := range r.Items {
		ui.Worked("writing images", n, len(r.Items))
		name := "none"
		if g := r.Of[n]; g >= 0 {
			name = r.fileName(int(g))
		}
		to, err := freeName(filepath.Join(folder, name), path.Base(c.Items[i].Path))
		if err == nil && link {
			err = linkTo(filepath.Join(root, filepath.FromSlash(c.Items[i].Path)), to)
		} else if err == nil {
			var b []byte
			if b, err = p.File(i); err == nil {
				err = disk.WriteNew(disk.OS, to, b)
			}
		}
		if err != nil {
			return err
		}
	}
	ui.Worked("writing images", len(r.Items), len(r.Items))
	return nil
}

// fill lets write fill a folder, which must be new or empty. The folders above it are made.
func fill(folder string, write func(fresh string) error) error {
	if entries, err := os.ReadDir(folder); err == nil && len(entries) > 0 {
		return baddata.Errorf("%s is not empty: name a new folder", folder)
	}
	err := disk.MakeDir(filepath.Dir(filepath.Clean(folder)))
	if err == nil {
		err = disk.NewFolder(folder, write)
	}
	if err != nil {
		return baddata.Errorf("%s cannot be filled: %w", folder, disk.Cause(err))
	}
	return nil
}

// longestName bounds the bytes of a group's name in that of a file, of which file systems take 255.
const longestName = 200

// fileName is a group's number, with zeros so that numbers sort, and its name without what means something to a file system.
func (r *Result) fileName(g int) string {
	name := plain(r.Names[g])
	if len(name) > longestName {
		name = strings.ToValidUTF8(name[:longestName], "")
	}
	return fmt.Sprintf("%0*d %s", len(strconv.Itoa(r.K-1)), g, name)
}

func linkTo(file, to string) error {
	from, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	return os.Symlink(from, to)
}

// plain is a name without what means something to a file system.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '/' || r == '\\' || r == ':' || r < ' ' {
			return '_'
		}
		return r
	}, name)
}

// freeName is a path in the folder, which is made, where nothing is yet: base, or with a number before its extension.
func freeName(folder, base string) (string, error) {
	if err := os.Mkdir(folder, 0o777); err != nil && !errors.Is(err, os.ErrExist) {
		return "", err
	}
	ext := path.Ext(base)
	for n := 1; ; n++ {
		name := base
		if n > 1 {
			name = fmt.Sprintf("%s (%d)%s", strings.TrimSuffix(base, ext), n, ext)
		}
		to := filepath.Join(folder, name)
		if _, err := os.Lstat(to); errors.Is(err, os.ErrNotExist) {
			return to, nil
		} else if err != nil {
			return "", err
		}
	}
}
