package groups

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/pictures"
	"udml-gpu/engine/collection/sheet"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/rawname"
	"udml-gpu/models/disk"
)

// WriteCSV replaces the file by a line for each image: path (rawname.Text), id, group (-1: none), the group's name, and whether it is the
// medoid.
func (r *Result) WriteCSV(file string, c *collection.Collection) error {
	err := disk.ReplaceBy(disk.OS, file, func(w io.Writer) error {
		out := csv.NewWriter(w)
		_ = out.Write([]string{"path", "id", "group", "name", "medoid"}) // an error is that of Flush
		for n, i := range r.Items {
			it, g := &c.Items[i], int(r.Of[n])
			name, medoid := "", false
			if g >= 0 {
				name, medoid = r.Names[g], r.Central[g] == i
			}
			_ = out.Write([]string{rawname.Text(it.Path), it.ID(), strconv.Itoa(g), name, strconv.FormatBool(medoid)})
		}
		out.Flush()
		return out.Error()
	})
	if err != nil {
		return baddata.Errorf("%s cannot be written: %w", file, err)
	}
	return nil
}

// sheetImages is how many images of a group a contact sheet shows.
const sheetImages = 24

// WriteHTML replaces the file by a contact sheet: the groups by falling size, each with its medoid and other images at equal
// distances in the order of the collection.
func (r *Result) WriteHTML(file string, c *collection.Collection, p *pictures.Pictures) error {
	s := &sheet.Sheet{
		Title: fmt.Sprintf("%d groups of %s", r.K, c.Path),
		Lead:  fmt.Sprintf("%d images, by %s; %d in no group; silhouette %.3f", r.Images, r.Method, r.Noise, r.Silhouette),
	}
	order := make([]int, r.K)
	for g := range order {
		order[g] = g
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(r.Sizes[b], r.Sizes[a]) })
	members := r.members()
	for _, g := range order {
		part := sheet.Section{Heading: r.Names[g], Text: fmt.Sprintf("group %d: %d images", g, r.Sizes[g])}
		part.Pictures = append(part.Pictures, sheet.Picture{Item: r.Central[g], Caption: "medoid"})
		others := slices.DeleteFunc(members[g], func(i int) bool { return i == r.Central[g] })
		for k := range min(len(others), sheetImages-1) {
			part.Pictures = append(part.Pictures, sheet.Picture{Item: others[k*len(others)/min(len(others), sheetImages-1)]})
		}
		s.Sections = append(s.Sections, part)
	}
	return s.Write(file, c, p)
}

// members are the items of each group, ascending.
func (r *Result) members() [][]int {
	list := make([][]int, r.K)
	for n, i := range r.Items {
		if g := r.Of[n]; g >= 0 {
			list[g] = append(list[g], i)
		}
	}
	return list
}

// WriteFolders fills a new folder with one folder a group, named by its number and name, and one called none for images in no group. link
// makes symbolic links to the files of a data set that is a folder; otherwise files are copied. No file is overwritten.
func (r *Result) WriteFolders(folder string, c *collection.Collection, p *pictures.Pictures, link bool) error {
	if entries, err := os.ReadDir(folder); err == nil && len(entries) > 0 {
		return baddata.Errorf("%s is not empty: name a new folder", folder)
	}
	root := p.Where()
	if info, err := os.Stat(root); link && (err != nil || !info.IsDir()) {
		return baddata.Errorf("%s is no folder, so that its images cannot be linked to; copies can be made of them", root)
	}
	for n, i := range r.Items {
		name := "none"
		if g := r.Of[n]; g >= 0 {
			name = fmt.Sprintf("%0*d %s", len(strconv.Itoa(r.K-1)), g, plain(r.Names[g]))
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
			return baddata.Errorf("%s cannot be filled: %w", folder, err)
		}
	}
	return nil
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
	if err := os.MkdirAll(folder, 0o777); err != nil {
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
