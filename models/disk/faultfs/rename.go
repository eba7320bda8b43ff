package faultfs

import (
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"syscall"
)

// Rename implements disk.FS within one folder, where it is one step, as on Unix.
func (d *Disk) Rename(from, to string) error {
	folder, name, n, err := d.find("rename", from)
	if err != nil {
		return err
	}
	target, newName, there, err := d.find("rename", to)
	switch {
	case err != nil:
		return err
	case n == nil:
		return failed("rename", from, syscall.ENOENT)
	case target != folder:
		return failed("rename", to, syscall.EXDEV)
	}
	if err := mayReplace(n, there); err != nil {
		return failed("rename", to, err)
	}
	names := map[string]*node{name: nil}
	names[newName] = n // last, because both names may be the same
	d.set(folder, names)
	return nil
}

func mayReplace(n, there *node) error {
	switch {
	case there == nil:
		return nil
	case there.mode == fs.ModeDir:
		return syscall.EEXIST // as in package os, even for an empty folder
	case n.mode == fs.ModeDir:
		return syscall.ENOTDIR
	}
	return nil
}

// RemoveAll implements disk.FS. Each name is removed in a step of its own, those inside a folder before it.
func (d *Disk) RemoveAll(path string) error {
	folder, name, n, err := d.find("remove", path)
	if err != nil || n == nil {
		return ignoreMissing(err)
	}
	for _, inside := range slices.Sorted(maps.Keys(n.names)) {
		if err := d.RemoveAll(filepath.Join(path, inside)); err != nil {
			return err
		}
	}
	d.set(folder, map[string]*node{name: nil})
	return nil
}

func ignoreMissing(err error) error {
	if pe, ok := err.(*fs.PathError); ok && pe.Err == syscall.ENOENT {
		return nil
	}
	return err
}
