package engine

import "udml-gpu/engine/data"

// DataList is what a data set holds, by its names and lists alone: no image is decoded.
type DataList struct {
	Data       string      `json:"data"`
	Images     int         `json:"images"`
	Classes    int         `json:"classes"`
	Unlabelled int         `json:"unlabelled_images"`
	Boxes      int         `json:"boxes,omitempty"` // images that are cropped to a box
	Splits     []SplitList `json:"splits"`
}

// SplitList is one split of a data set.
type SplitList struct {
	Name       string `json:"name"`
	Images     int    `json:"images"`
	Classes    int    `json:"classes"`
	Unlabelled int    `json:"unlabelled_images"`
}

// ListData opens the data set that c names. Errors are *UsageError (no --data) and *data.Error.
func ListData(c Config) (*DataList, error) {
	src, err := openSource(c)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	all := src.Split("all")
	whole := listSplit(all)
	d := &DataList{Data: c.Data, Images: whole.Images, Classes: whole.Classes, Unlabelled: whole.Unlabelled, Splits: []SplitList{}}
	for _, item := range all.Items {
		if item.Box != (data.Box{}) {
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
