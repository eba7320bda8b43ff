package data

import (
	"fmt"
	"path"
	"strings"

	"udml-gpu/engine/data/archive"
	"udml-gpu/engine/data/baddata"
)

// In-Shop Clothes Retrieval of DeepFashion: some items are for training; of the others, query images are searched among
// gallery images. It is published as Eval/ with the list, Anno/ with the boxes, and Img/ with a zip of images.
const (
	inshopFolder = "In-shop Clothes Retrieval Benchmark"
	// The list; below two lines of heading it has "img/WOMEN/Dresses/id_00000002/02_1_front.jpg   id_00000002 train".
	inshopPartition = "list_eval_partition.txt"
	inshopHeader    = "image_name item_id evaluation_status"
	inshopEval      = "Eval/"
	inshopImages    = "img/" // every path in the lists starts so, wherever the images lie
)

// inshopStatus is what the third column of the list means.
var inshopStatus = map[string]record{
	"train": {split: "train"}, "query": {split: "test", role: Query}, "gallery": {split: "test", role: Gallery},
}

// openInshop opens the data set. Images that are not unpacked are read from img.zip.
func openInshop(p, keep string) (archive.Opener, error) {
	return openPacked(p, keep,
		archive.PackedFolder{Archive: "Img/img.zip", Folder: "Img/img"},
		archive.PackedFolder{Archive: "img.zip", Folder: "img"},
		archive.PackedFolder{Archive: inshopFolder + "/Img/img.zip", Folder: inshopFolder + "/Img/img"})
}

// readInshop reads the lists of In-Shop. As with CUB, boxes are read only on request.
func readInshop(l lists, o Options) ([]record, error) {
	for _, root := range []string{"", inshopFolder + "/"} {
		list, err := l.find(root+inshopEval+inshopPartition, root+inshopPartition)
		if err != nil {
			return nil, err
		}
		if list != "" {
			s := &inshop{lists: l, root: root, list: list, at: map[string]int{}, first: map[string]int{}}
			err = s.readAll(o.Boxes == "crop")
			return s.records, err
		}
	}
	return nil, baddata.Errorf("%s holds no %s: expected it there, in %s or in %s/%s",
		l.place, inshopPartition, inshopEval, inshopFolder, inshopEval)
}

// inshop collects the entries of the lists. at maps a path to its place in records, first an item to that of its first image.
type inshop struct {
	lists
	root, list string
	records    []record
	at, first  map[string]int
}

func (s *inshop) readAll(boxes bool) error {
	if err := s.headed(s.list, inshopHeader, s.image); err != nil {
		return err
	}
	folder := s.folder()
	if boxes {
		if err := s.readBoxes(folder); err != nil {
			return err
		}
	}
	for i := range s.records {
		s.records[i].name = folder + strings.TrimPrefix(s.records[i].name, inshopImages)
	}
	return nil
}

// image takes a line: path, item, status.
func (s *inshop) image(line int, columns []string) error {
	if why := archive.UnsafeName(columns[0]); why != "" {
		return fmt.Errorf("the path %q %s: expected a path below %s", columns[0], why, inshopImages)
	}
	name := path.Clean(columns[0])
	if !strings.HasPrefix(name, inshopImages) {
		return fmt.Errorf("the path %q does not start with %s", columns[0], inshopImages)
	}
	if at, ok := s.at[name]; ok {
		return fmt.Errorf("the image %q is already listed in line %d", name, s.records[at].line)
	}
	if !isItem(columns[1]) {
		return fmt.Errorf("the item id %q is out of range: expected id_00000001 to id_99999999", columns[1])
	}
	r, ok := inshopStatus[columns[2]]
	if !ok {
		return fmt.Errorf("the status %q is not known: expected train, query or gallery", columns[2])
	}
	r.name, r.class, r.list, r.line = name, columns[1], s.list, line
	s.at[name] = len(s.records)
	s.records = append(s.records, r)
	return s.checkSplit(r)
}

// checkSplit checks that an item is in one split only, as the protocol of the data set requires.
func (s *inshop) checkSplit(r record) error {
	at, ok := s.first[r.class]
	if !ok {
		s.first[r.class] = s.at[r.name]
		return nil
	}
	if was := s.records[at]; was.split != r.split {
		return fmt.Errorf("the item %s is for %s here but for %s in line %d: expected one of the two",
			r.class, r.split, was.split, was.line)
	}
	return nil
}

// isItem tells whether an id is that of an item: 8 digits, above 0.
func isItem(id string) bool {
	digits, ok := strings.CutPrefix(id, "id_")
	if !ok || len(digits) != 8 || strings.Trim(digits, "0123456789") != "" {
		return false
	}
	return strings.Trim(digits, "0") != ""
}

// folder is where the images lie: below the list's folder or in Img/ of the published layout, in either size. It is the
// first that holds any listed image, so that for an incomplete data set the message names the missing files.
func (s *inshop) folder() string {
	for _, sub := range []string{"", "Img/"} {
		for _, size := range []string{inshopImages, inshopLarge} {
			for _, r := range s.records {
				folder := s.root + sub + size
				if s.has(folder + strings.TrimPrefix(r.name, inshopImages)) {
					return folder
				}
			}
		}
	}
	return s.root + inshopImages
}
