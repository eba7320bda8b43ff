package data

import (
	"fmt"
	"math"

	"udml-gpu/engine/data/archive"
	"udml-gpu/engine/data/baddata"
)

// Stanford Online Products: 11,318 classes to train on, the other 11,316 for testing, in 12 kinds of product.
const (
	sopFolder     = "Stanford_Online_Products"
	sopHeader     = "image_id class_id super_class_id path"
	sopTrainUpTo  = 11318
	sopClasses    = 22634
	sopSuperUpTo  = 12
	sopTrainImage = "Ebay_train.txt" // "1 1 1 bicycle_final/111085122871_0.JPG" below the header
	sopTestImage  = "Ebay_test.txt"
)

// readSOP reads the two lists of Stanford Online Products.
func readSOP(l lists, _ Options) ([]record, error) {
	root, err := l.root(sopTrainImage, sopFolder)
	if err != nil {
		return nil, err
	}
	s := &sop{lists: l, root: root, ids: map[int]bool{}}
	if err := s.list(sopTrainImage, "train", 1, sopTrainUpTo); err != nil {
		return nil, err
	}
	err = s.list(sopTestImage, "test", sopTrainUpTo+1, sopClasses)
	return s.records, err
}

// sop collects the entries of the lists; ids are the image ids so far.
type sop struct {
	lists
	root    string
	records []record
	ids     map[int]bool
}

// list reads the list of one split, whose classes are lo to hi.
func (s *sop) list(list, split string, lo, hi int) error {
	b, err := s.text(s.root + list)
	if err != nil {
		return err
	}
	header := false
	for n, line := range lines(b) {
		switch {
		case header:
			err = s.image(record{split: split, list: s.root + list, line: n}, line, lo, hi)
		case line != sopHeader:
			err = fmt.Errorf("found %q, expected the header %q", line, sopHeader)
		}
		header = true
		if err != nil {
			return baddata.Errorf("%s, line %d: %w", s.display(s.root+list), n, err)
		}
	}
	return nil
}

// image takes a line: image id, class id, id of the kind of product, path. The kind is checked but not used: the
// published protocol scores classes.
func (s *sop) image(r record, line string, lo, hi int) error {
	parts, ok := splitColumns(line, 4)
	id := 0
	if ok {
		id, ok = numberIn(parts[0], 1, math.MaxInt32)
	}
	if !ok {
		return fmt.Errorf("%q does not have the columns %q", line, sopHeader)
	}
	if s.ids[id] {
		return fmt.Errorf("the image id %d is listed a second time", id)
	}
	class, ok := numberIn(parts[1], lo, hi)
	if !ok {
		return fmt.Errorf("the class id %q is out of range: expected %d to %d", parts[1], lo, hi)
	}
	if _, ok := numberIn(parts[2], 1, sopSuperUpTo); !ok {
		return fmt.Errorf("the super class id %q is out of range: expected 1 to %d", parts[2], sopSuperUpTo)
	}
	if why := archive.UnsafeName(parts[3]); why != "" { // checked before the list's folder is put in front
		return fmt.Errorf("the path %q %s: expected a plain relative path", parts[3], why)
	}
	s.ids[id] = true
	r.class, r.name = fmt.Sprintf("%05d", class), s.root+parts[3]
	s.records = append(s.records, r)
	return nil
}
