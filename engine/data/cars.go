package data

import (
	"fmt"
	"math"

	"udml-gpu/engine/data/archive"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/matfile"
	"udml-gpu/engine/data/picture"
)

// Of Cars196 the first 98 classes are for training and the other 98 for testing; the authors' own split was made for
// classification and is not used. The data set is published in two ways: with one list of all images, and with a devkit that has
// a list for each of two folders. The devkit's own test list lacks the classes; they were published in a separate file.
const (
	carsFolder    = "stanford_cars"
	carsClasses   = 196
	carsTrainUpTo = 98
	carsAll       = "cars_annos.mat" // relative_im_path: "car_ims/000001.jpg"; beside the folder car_ims
	carsTrain     = "cars_train_annos.mat"
	carsTest      = "cars_test_annos_withlabels.mat"
	carsMeta      = "cars_meta.mat"
	carsDevkit    = "devkit/"
	carsOuter     = "car_devkit/"                        // around devkit/ in a copy of the data set
	carsTestCopy  = "cars_test_annos_withlabels (1).mat" // the name of that copy's test list
)

// cars collects the entries of the lists.
type cars struct {
	lists
	boxes   bool
	records []record
}

// variables reads a MAT file.
func (c *cars) variables(file string) (map[string]*matfile.Array, error) {
	b, err := c.read(file)
	if err != nil {
		return nil, err
	}
	vars, err := matfile.Read(b)
	if err != nil {
		return nil, baddata.Errorf("%s, %w", c.display(file), err)
	}
	return vars, nil
}

// list reads the annotations of a list. The field pathField holds the paths, relative to folder.
func (c *cars) list(file, folder, pathField string) error {
	vars, err := c.variables(file)
	if err != nil {
		return err
	}
	if vars["class_names"] != nil {
		if err := c.classNames(file, vars); err != nil {
			return err
		}
	}
	all := vars["annotations"]
	if all == nil {
		return baddata.Errorf("%s has no variable annotations", c.display(file))
	}
	n, _, ok := all.Structs()
	if !ok {
		return baddata.Errorf("%s: annotations is not a struct array", c.display(file))
	}
	for i := range n {
		r := record{list: file, line: i + 1, unit: "annotation"}
		if err := c.image(&r, folder, pathField, func(name string) *matfile.Array { return all.Field(i, name) }); err != nil {
			return baddata.Errorf("%s: %w", r.at(c.lists), err)
		}
		c.records = append(c.records, r)
	}
	return nil
}

// classNames checks that there are 196 names: with any other number it is another data set, and the split by classes 1 to 98
// would be wrong.
func (c *cars) classNames(file string, vars map[string]*matfile.Array) error {
	names := vars["class_names"]
	if names == nil {
		return baddata.Errorf("%s has no variable class_names", c.display(file))
	}
	cells, ok := names.Cells()
	if !ok || len(cells) != carsClasses {
		return baddata.Errorf("%s: class_names is not a list of %d names", c.display(file), carsClasses)
	}
	for i, cell := range cells {
		if _, ok := cell.Text(); !ok {
			return baddata.Errorf("%s: the name %d in class_names is not text", c.display(file), i+1)
		}
	}
	return nil
}

// image reads one annotation: class, path, and the box.
func (c *cars) image(r *record, folder, pathField string, field func(string) *matfile.Array) error {
	name, ok := field(pathField).Text()
	if !ok {
		return fmt.Errorf("the field %s is missing or not text", pathField)
	}
	if len(name) > archive.MaxEntryName {
		return fmt.Errorf("the path in the field %s has %d bytes, the limit is %d", pathField, len(name), archive.MaxEntryName)
	}
	if why := archive.UnsafeName(name); why != "" { // checked before the folder is put in front
		return fmt.Errorf("the path %q %s: expected a plain relative path", name, why)
	}
	r.name = folder + name
	if err := r.carClass(field("class")); err != nil {
		return err
	}
	if pathField == "relative_im_path" {
		if v, ok := field("test").Number(); !ok || v != 0 && v != 1 {
			return fmt.Errorf("the field test, the split of the authors, is not 0 or 1")
		}
	}
	if !c.boxes {
		return nil
	}
	var err error
	r.box, err = carBox(field)
	return err
}

// carClass takes the class, and the split that follows from it.
func (r *record) carClass(field *matfile.Array) error {
	class, ok := field.Number()
	if !ok {
		return fmt.Errorf("the field class is missing or not a number")
	}
	if !(class >= 1 && class <= carsClasses && class == math.Trunc(class)) {
		return fmt.Errorf("the class %g is out of range: expected 1 to %d", class, carsClasses)
	}
	r.class, r.split = fmt.Sprintf("%03d", int(class)), "test" // three digits, so that byte order is the classes' order
	if class <= carsTrainUpTo {
		r.split = "train"
	}
	return nil
}

// carBox is the box. The annotation gives its corner pixels, both inside the box and counted from 1.
func carBox(field func(string) *matfile.Array) (picture.Box, error) {
	var v [4]float64
	for i, name := range []string{"bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2"} {
		x, ok := field(name).Number()
		if !ok {
			return picture.Box{}, fmt.Errorf("the field %s is missing or not a number", name)
		}
		v[i] = x
	}
	b := picture.Box{X: v[0] - 1, Y: v[1] - 1, W: v[2] - v[0] + 1, H: v[3] - v[1] + 1}
	return b, b.Check()
}
