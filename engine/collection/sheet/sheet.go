// Package sheet writes pages of thumbnails: one file of HTML that needs nothing else, neither a network nor JavaScript.
package sheet

import (
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/pictures"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/rawname"
	"udml-gpu/engine/images"
	"udml-gpu/models/disk"
)

// Sheet is a page.
type Sheet struct {
	Title    string
	Lead     string // a sentence below the title
	Sections []Section
}

// Section is a heading with pictures; one without a heading has none.
type Section struct {
	Heading  string
	Text     string
	Pictures []Picture
}

// Picture is an item of the collection with what is said of it.
type Picture struct {
	Item    int
	Caption string // such as a score
}

// Side is the largest side of a thumbnail in pixels.
const Side = 160

//go:embed sheet.html
var source string

var page = template.Must(template.New("sheet").Parse(source))

// Write replaces the file at path by the page, with thumbnails from p. An image that cannot be read has its path and the reason in its
// place. Errors are *baddata.Error.
func (s *Sheet) Write(path string, c *collection.Collection, p *pictures.Pictures, ui images.UI) error {
	err := disk.ReplaceBy(disk.OS, path, func(w io.Writer) error { return s.write(w, c, p, ui) })
	if err != nil {
		return baddata.Errorf("%s cannot be written: %w", path, err)
	}
	return nil
}

func (s *Sheet) write(w io.Writer, c *collection.Collection, p *pictures.Pictures, ui images.UI) error {
	v := &view{Sheet: s, c: c, p: p, ui: ui}
	for _, section := range s.Sections {
		v.total += len(section.Pictures)
	}
	return page.Execute(w, v)
}

// view is what the template sees.
type view struct {
	*Sheet
	c           *collection.Collection
	p           *pictures.Pictures
	ui          images.UI
	done, total int
}

// Shown is a thumbnail, made when the template comes to it, so that one is in memory at a time.
type Shown struct {
	Path, Caption, Problem string
	URL                    template.URL
}

// Show makes the thumbnail of a picture.
func (v *view) Show(p Picture) Shown {
	v.done++
	v.ui.Worked("drawing images", v.done, v.total)
	s := Shown{Path: rawname.Text(v.c.Items[p.Item].Path), Caption: p.Caption}
	b, err := v.p.JPEG(p.Item, Side)
	if err != nil {
		s.Problem = err.Error()
		return s
	}
	s.URL = template.URL("data:image/jpeg;base64," + base64.StdEncoding.EncodeToString(b)) // of bytes that this program has made
	return s
}
