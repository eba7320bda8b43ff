package images

import (
	"context"

	"udml-gpu/engine/data/notes"
	"udml-gpu/engine/data/rawname"
	"udml-gpu/engine/setting"
)

// Faults is what is wrong with the images of a data set.
type Faults struct {
	Data       string         `json:"data"`
	Images     int            `json:"images"`
	Damaged    []DamagedImage `json:"damaged"`
	Duplicates [][]string     `json:"duplicates"` // groups of files with the same bytes, as rawname.Text
	Notes      []notes.Note   `json:"notes"`      // what is there and not used, and doubts about how it was read
}

// DamagedImage is a file that cannot be decoded.
type DamagedImage struct {
	Name string `json:"name"` // as rawname.Text
	Why  string `json:"why"`
}

// Scan decodes every image of the data set that c names. Errors are *setting.UsageError (no --data, a wrong --max-pixels),
// *baddata.Error (no data set), and that of ctx; damaged images are part of the result.
func Scan(ctx context.Context, c setting.Config, ui UI) (*Faults, error) {
	maxPixels, err := c.PixelLimit()
	if err != nil {
		return nil, err
	}
	src, err := OpenSource(c)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	TellNotes(ui.Log, src)
	found, err := src.Split("all").Scan(ctx, c.Workers, maxPixels, ui.Loading)
	if err != nil {
		return nil, err
	}
	d := &Faults{
		Data: rawname.Text(c.Data), Images: len(src.Split("all").Items), Notes: NotesOf(src),
		Damaged: []DamagedImage{}, Duplicates: [][]string{},
	}
	for _, bad := range found.Damaged {
		d.Damaged = append(d.Damaged, DamagedImage{rawname.Text(bad.Name), bad.Err.Error()})
	}
	for _, names := range found.Duplicates {
		d.Duplicates = append(d.Duplicates, rawname.Texts(names))
	}
	return d, nil
}
