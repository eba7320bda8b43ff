package data

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"udml-gpu/engine/data/archive"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/picture"
)

// Of CUB-200-2011 the first 100 classes are for training and the other 100 for testing, as in the papers.
const (
	cubFolder     = "CUB_200_2011"
	cubClasses    = 200
	cubTrainUpTo  = 100
	cubImages     = "images.txt"             // "1 001.Black_footed_Albatross/x_0046_18.jpg": image id, path below images/
	cubClassOf    = "image_class_labels.txt" // "1 1": image id, class id
	cubBoundaries = "bounding_boxes.txt"     // "1 60.0 27.0 325.0 304.0": image id, left, top, width, height
)

// readCUB reads the lists of CUB-200-2011. Boxes are read only on request: the published protocols use
// whole images.
func readCUB(l lists, o Options) ([]record, error) {
	root, err := l.root(cubImages, cubFolder)
	if err != nil {
		return nil, err
	}
	c := &cub{lists: l, root: root, at: map[int]int{}}
	if err := c.each(cubImages, 2, c.image); err != nil {
		return nil, err
	}
	if err := c.each(cubClassOf, 2, c.class); err != nil {
		return nil, err
	}
	if o.Boxes == "crop" {
		if err := c.each(cubBoundaries, 5, c.box); err != nil {
			return nil, err
		}
	}
	return c.records, c.checkComplete(o)
}

// cub collects the entries of the lists; at maps an image id to its place in records.
type cub struct {
	lists
	root    string
	records []record
	at      map[int]int
}

// each calls take for every line of a list, with the image's id and the other columns.
func (c *cub) each(list string, columns int, take func(line, id int, rest []string) error) error {
	b, err := c.text(c.root + list)
	if err != nil {
		return err
	}
	for n, line := range lines(b) {
		parts, ok := splitColumns(line, columns)
		id := 0
		if ok {
			id, ok = numberIn(parts[0], 1, math.MaxInt32)
		}
		if !ok {
			err = fmt.Errorf("%q is not an image id and %d more columns", line, columns-1)
		} else {
			err = take(n, id, parts[1:])
		}
		if err != nil {
			return baddata.Errorf("%s, line %d: %w", c.display(c.root+list), n, err)
		}
	}
	return nil
}

func (c *cub) image(line, id int, rest []string) error {
	if at, ok := c.at[id]; ok {
		return fmt.Errorf("the image id %d is already listed in line %d", id, c.records[at].line)
	}
	if why := archive.UnsafeName(rest[0]); why != "" { // checked before images/ is put in front
		return fmt.Errorf("the path %q %s: expected a path below images/", rest[0], why)
	}
	c.at[id] = len(c.records)
	c.records = append(c.records, record{name: c.root + "images/" + rest[0], list: c.root + cubImages, line: line})
	return nil
}

func (c *cub) class(_, id int, rest []string) error {
	at, ok := c.at[id]
	if !ok {
		return fmt.Errorf("a label for the image id %d, which %s does not list", id, cubImages)
	}
	class, ok := numberIn(rest[0], 1, cubClasses)
	if !ok {
		return fmt.Errorf("the class id %q is out of range: expected 1 to %d", rest[0], cubClasses)
	}
	r := &c.records[at]
	if r.class != "" {
		return fmt.Errorf("the image id %d already has a label", id)
	}
	r.class, r.split = fmt.Sprintf("%03d", class), "test" // three digits, so that byte order is the classes' order
	if class <= cubTrainUpTo {
		r.split = "train"
	}
	return nil
}

func (c *cub) box(_, id int, rest []string) error {
	at, ok := c.at[id]
	if !ok {
		return fmt.Errorf("a box for the image id %d, which %s does not list", id, cubImages)
	}
	if c.records[at].box != (picture.Box{}) {
		return fmt.Errorf("the image id %d already has a box", id)
	}
	box, err := parseBox(rest)
	c.records[at].box = box
	return err
}

// checkComplete checks that every image has a label and, if required, a box.
func (c *cub) checkComplete(o Options) error {
	for _, r := range c.records {
		switch {
		case r.class == "":
			return baddata.Errorf("%s, line %d: the image has no label in %s", c.display(r.list), r.line, cubClassOf)
		case o.Boxes == "crop" && r.box == (picture.Box{}):
			return baddata.Errorf("%s, line %d: the image has no box in %s", c.display(r.list), r.line, cubBoundaries)
		}
	}
	return nil
}

// parseBox reads left, top, width and height.
func parseBox(columns []string) (picture.Box, error) {
	v, err := parsePixels(columns)
	if err != nil {
		return picture.Box{}, err
	}
	b := picture.Box{X: v[0], Y: v[1], W: v[2], H: v[3]}
	return b, b.Check()
}

// parsePixels reads the four numbers of a box.
func parsePixels(columns []string) (v [4]float64, err error) {
	for i, text := range columns {
		if v[i], err = strconv.ParseFloat(strings.TrimSpace(text), 64); err != nil {
			return v, fmt.Errorf("the box has %q, which is not a number of pixels", text)
		}
	}
	return v, nil
}
