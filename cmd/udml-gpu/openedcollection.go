package main

import (
	"github.com/urfave/cli/v2"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/images"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/setting"
	"udml-gpu/engine/setting/table"
	"udml-gpu/kernels"
)

// opened is a collection with the device that a command computes on.
type opened struct {
	*collection.Collection
	config setting.Config // the collection's, with the command's flags over it
	ui     images.UI
	dev    *kernels.Device
}

// openCollection opens the collection that the command's first argument names. The caller closes it.
func openCollection(c *cli.Context, rows []table.Row) (*opened, error) {
	if c.NArg() == 0 {
		return nil, noCollection(c)
	}
	col, err := collection.Open(c.Args().First())
	if err != nil {
		return nil, err
	}
	o := &opened{Collection: col, ui: newSession().UI}
	if o.config, err = col.Settings(); err == nil {
		if o.config, err = overlay(c, o.config, rows); err == nil {
			o.dev, err = machine.Open(o.config, o.ui.Log)
		}
	}
	if err != nil {
		_ = col.Close()
		return nil, err
	}
	return o, nil
}

// noCollection is the error where a command is given none.
func noCollection(c *cli.Context) error {
	return setting.Usage("expected a collection, as udml-gpu embed --data FOLDER --out photos.udml makes one: udml-gpu %s photos.udml",
		c.Command.Name)
}

// collectionPath is the one argument of a command that takes a collection.
func collectionPath(c *cli.Context) (string, error) {
	switch c.NArg() {
	case 0:
		return "", noCollection(c)
	case 1:
		return c.Args().First(), nil
	}
	return "", setting.Usage("%q is not expected here; see udml-gpu %s --help", c.Args().Get(1), c.Command.Name)
}

// oneCollection is openCollection of a command that has no other arguments.
func oneCollection(c *cli.Context, rows []table.Row) (*opened, error) {
	if _, err := collectionPath(c); err != nil {
		return nil, err
	}
	return openCollection(c, rows)
}

func (o *opened) close() {
	o.dev.Close()
	_ = o.Close()
}
