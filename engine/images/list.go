package images

import (
	"udml-gpu/engine/data"
	"udml-gpu/engine/data/notes"
	"udml-gpu/engine/data/picture"
	"udml-gpu/engine/data/rawname"
	"udml-gpu/engine/setting"
)

// Contents is what a data set holds, by its names and lists alone: no image is decoded.
type Contents struct {
	Data       string       `json:"data"`
	Images     int          `json:"images"`
	Classes    int          `json:"classes"`
	Unlabelled int          `json:"unlabelled_images"`
	Boxes      int          `json:"boxes,omitempty"` // images that are cropped to a box
	Splits     []SplitList  `json:"splits"`
	Layout     string       `json:"layout"` // how folders were read: splits or plain; list: the data set lists its images
	Notes      []notes.Note `json:"notes"`  // what is there and not used, and doubts about how it was read
}

// SplitList is one split of a data set.
type SplitList struct {
	Name       string `json:"name"`
	Images     int    `json:"images"`
	Classes    int    `json:"classes"`
	Unlabelled int    `json:"unlabelled_images"`
}

// NotesOf are the notes on a data set for a JSON document: a list, also when there are none.
func NotesOf(src *data.Source) []notes.Note { return append([]notes.Note{}, src.Notes()...) }

// List opens the data set that c names. Errors are *setting.UsageError (no --data) and *baddata.Error.
func List(c setting.Config, ui UI) (*Contents, error) {
	src, err := OpenSource(c)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	TellNotes(ui.Log, src)
	all := src.Split("all")
	whole := listSplit(all)
	d := &Contents{
		Data: rawname.Text(c.Data), Images: whole.Images, Classes: whole.Classes, Unlabelled: whole.Unlabelled, Splits: []SplitList{},
		Layout: src.Layout(), Notes: NotesOf(src),
	}
	for i := range all.Items {
		if all.Box(i) != (picture.Box{}) {
			d.Boxes++
		}
	}
	for _, name := range src.Splits() {
		d.Splits = append(d.Splits, listSplit(src.Split(name)))
	}
	return d, nil
}

func listSplit(set *data.Set) SplitList {
	s := SplitList{Name: set.Name, Images: len(set.Items), Classes: len(set.Classes)}
	for _, item := range set.Items {
		if item.Label < 0 {
			s.Unlabelled++
		}
	}
	return s
}
