package collection

import (
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/models/disk"
)

// derived is a JSON file of what a command has found out about the items of one generation.
type derived struct {
	file    string
	what    string // as in "has no WHAT yet"
	command string // that makes it
}

// maxDerived is the largest such file that is read, in bytes.
const maxDerived = 4 << 30

// read fills value, and has it checked: items is the SHA-256 in it of the file of items that it is of. Errors are *baddata.Error.
func (d derived) read(c *Collection, value any, items *string, check func() bool) error {
	b, err := disk.ReadFile(filepath.Join(c.Path, d.file), maxDerived)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return baddata.Errorf("%s has no %s yet: udml-gpu %s %s makes them", c.Path, d.what, d.command, c.Path)
	case err != nil:
		return baddata.Errorf("%s: its %s cannot be read: %w", c.Path, d.file, err)
	}
	err = json.Unmarshal(b, value)
	switch {
	case err == nil && *items != c.Manifest.Items.SHA256:
		return baddata.Errorf("the %s of %s are of other images than it holds now: udml-gpu %s %s makes them anew", d.what, c.Path,
			d.command, c.Path)
	case err != nil || !check():
		return baddata.Errorf("%s: its %s is damaged: udml-gpu %s %s makes it anew", c.Path, d.file, d.command, c.Path)
	}
	return nil
}

// write replaces the file.
func (d derived) write(c *Collection, value any) error {
	b, err := json.Marshal(value)
	if err == nil {
		err = disk.Replace(filepath.Join(c.Path, d.file), append(b, '\n'))
	}
	if err != nil {
		return baddata.Errorf("%s: its %s cannot be written: %w", c.Path, d.file, err)
	}
	return nil
}
