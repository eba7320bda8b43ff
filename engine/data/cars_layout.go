package data

import (
	"path"
	"slices"
	"strings"

	"udml-gpu/engine/data/archive"
	"udml-gpu/engine/data/baddata"
)

// openCars opens the data set. Images and devkit that are not unpacked are read from its archives.
func openCars(p, keep string) (archive.Opener, error) {
	var inside []archive.PackedFolder
	for _, root := range []string{"", carsFolder + "/"} {
		for _, name := range []string{"car_ims", "cars_train", "cars_test"} {
			inside = append(inside, archive.PackedFolder{Archive: root + name + ".tgz", Folder: root + name})
		}
		inside = append(inside, archive.PackedFolder{Archive: root + "car_devkit.tgz", Folder: root + "devkit"})
	}
	return openPacked(p, keep, inside...)
}

// readCars reads the lists of Cars196. As with CUB, boxes are read only on request.
func readCars(l lists, o Options) ([]record, error) {
	c := &cars{lists: l, boxes: o.Boxes == "crop"}
	for _, root := range []string{"", carsFolder + "/"} {
		all, err := c.find(root + carsAll)
		if err != nil {
			return nil, err
		}
		train, err := c.find(root+carsDevkit+carsTrain, root+carsOuter+carsDevkit+carsTrain, root+carsTrain)
		if err != nil {
			return nil, err
		}
		if all != "" || train != "" {
			err = c.readBelow(root, all, train)
			return c.records, err
		}
	}
	return nil, baddata.Errorf("%s holds no %s and no %s%s: expected one of them there or in %s/",
		l.place, carsAll, carsDevkit, carsTrain, carsFolder)
}

// readBelow reads the list of all images, or the devkit's lists where that list or its images are missing: some copies of
// the data set hold both lists but only the images of one.
func (c *cars) readBelow(root, all, train string) error {
	if all != "" {
		err := c.list(all, root, "relative_im_path")
		if err != nil || train == "" || c.holdsAny(c.records, func(r record) string { return r.name }) {
			return err
		}
		c.records = nil
	}
	return c.devkit(root, train)
}

// holdsAny tells whether any of the images exists under the name that at gives it.
func (c *cars) holdsAny(records []record, at func(record) string) bool {
	return slices.ContainsFunc(records, func(r record) bool { return c.has(at(r)) })
}

// devkit reads the lists of the two folders, and the class names where their file exists.
func (c *cars) devkit(root, train string) error {
	test, err := c.find(root+carsTest, root+carsDevkit+carsTest, root+carsOuter+carsDevkit+carsTest, root+carsTestCopy)
	if err != nil {
		return err
	}
	if test == "" {
		return baddata.Errorf("%s holds no %s, which has the classes of the images in cars_test/: expected it there or in %s",
			c.display(root), carsTest, carsDevkit)
	}
	if err := c.split(train, root+"cars_train/"); err != nil {
		return err
	}
	if err := c.split(test, root+"cars_test/"); err != nil {
		return err
	}
	meta, err := c.find(root+carsDevkit+carsMeta, root+carsOuter+carsDevkit+carsMeta, root+carsMeta)
	if err != nil || meta == "" {
		return err
	}
	vars, err := c.variables(meta)
	if err != nil {
		return err
	}
	return c.classNames(meta, vars)
}

// split reads a list of the devkit. Its images lie in folder, or in a folder of the same name inside it, as in a much used copy of
// the data set.
func (c *cars) split(list, folder string) error {
	start := len(c.records)
	if err := c.list(list, folder, "fname"); err != nil {
		return err
	}
	plain := func(r record) string { return r.name }
	doubled := func(r record) string {
		return folder + path.Base(folder) + "/" + strings.TrimPrefix(r.name, folder)
	}
	if c.holdsAny(c.records[start:], plain) || !c.holdsAny(c.records[start:], doubled) {
		return nil
	}
	for i := range c.records[start:] {
		c.records[start+i].name = doubled(c.records[start+i])
	}
	return nil
}
