package data

import (
	"fmt"
	"path"
	"strings"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/picture"
)

const (
	inshopBoxes     = "list_bbox_inshop.txt" // "img/... 1 1 050 049 208 235": kind of clothes, pose, two corners
	inshopBoxHeader = "image_name clothes_type pose_type x_1 y_1 x_2 y_2"
	inshopAnno      = "Anno/"
	inshopLarge     = "img_highres/" // the same images in a larger size, which the boxes do not fit
	inshopClothes   = 3              // upper body, lower body, full body
	inshopPoses     = 6              // front, side, back, zoom-out, zoom-in, stand-alone
)

// readBoxes reads the list of boxes, for images in folder.
func (s *inshop) readBoxes(folder string) error {
	list, err := s.find(s.root+inshopAnno+inshopBoxes, s.root+inshopBoxes)
	if err != nil {
		return err
	}
	if list == "" {
		return baddata.Errorf("%s holds no %s, which --boxes crop needs: expected it there or in %s",
			s.display(s.root), inshopBoxes, inshopAnno)
	}
	if strings.HasSuffix(folder, inshopLarge) {
		return baddata.Errorf("%s is for the images of %s, and %s holds larger ones: --boxes crop does not go with them",
			s.display(list), inshopImages, s.display(folder))
	}
	if err := s.headed(list, inshopBoxHeader, s.box); err != nil {
		return err
	}
	for _, r := range s.records {
		if r.box == (picture.Box{}) {
			return baddata.Errorf("%s: the image has no box in %s", r.at(s.lists), inshopBoxes)
		}
	}
	return nil
}

// box takes a line: path, kind of clothes, pose, corners. Kind and pose are checked but not used: the published protocol
// does not use them.
func (s *inshop) box(_ int, columns []string) error {
	at, ok := s.at[path.Clean(columns[0])]
	if !ok {
		return fmt.Errorf("a box for the image %q, which %s does not list", columns[0], inshopPartition)
	}
	if s.records[at].box != (picture.Box{}) {
		return fmt.Errorf("the image %q already has a box", columns[0])
	}
	if _, ok := numberIn(columns[1], 1, inshopClothes); !ok {
		return fmt.Errorf("the kind of clothes %q is out of range: expected 1 to %d", columns[1], inshopClothes)
	}
	if _, ok := numberIn(columns[2], 1, inshopPoses); !ok {
		return fmt.Errorf("the pose %q is out of range: expected 1 to %d", columns[2], inshopPoses)
	}
	corners, err := parsePixels(columns[3:])
	if err != nil {
		return err
	}
	box := picture.Box{X: corners[0], Y: corners[1], W: corners[2] - corners[0], H: corners[3] - corners[1]}
	s.records[at].box = box
	return box.Check()
}
