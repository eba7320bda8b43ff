package faultfs

import (
	"bytes"
	"io"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"udml-gpu/models/disk"
)

// Disk is a file system in memory that tracks what is on disk: the content of synced files, and the
// names in synced folders. Paths are as on Unix, from "/". It must be used by one goroutine.
type Disk struct {
	root    *node
	changes []change // unsynced changes of names, in order
}

// node is a file, a link or a folder.
type node struct {
	mode   fs.FileMode // its type bits
	data   []byte      // of a file; of a link: its target
	synced bool        // the content is on disk
	names  map[string]*node
	onDisk map[string]*node // the names on disk
}

func newFolder() *node {
	return &node{mode: fs.ModeDir, names: map[string]*node{}, onDisk: map[string]*node{}}
}

// change is a change of names in one folder in one step; a nil node removes the name.
type change struct {
	folder *node
	names  map[string]*node
}

// NewDisk is a disk with these folders, each listed after its parent.
func NewDisk(folders ...string) *Disk {
	d := &Disk{root: newFolder()}
	for _, f := range folders {
		if err := d.Mkdir(f); err != nil {
			panic(err)
		}
		if err := d.SyncDir(filepath.Dir(f)); err != nil {
			panic(err)
		}
	}
	return d
}

// set changes names of a folder for readers; on disk they change with the next sync, or not at all.
func (d *Disk) set(folder *node, names map[string]*node) {
	apply(folder.names, names)
	d.changes = append(d.changes, change{folder, names})
}

func apply(to, names map[string]*node) {
	for name, n := range names {
		if n == nil {
			delete(to, name)
		} else {
			to[name] = n
		}
	}
}

// find is the parent folder of path, its last part, and the node there (nil: nothing).
func (d *Disk) find(op, path string) (folder *node, name string, n *node, err error) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	folder = d.root
	for _, p := range parts[:len(parts)-1] {
		next := folder.names[p]
		if next == nil {
			return nil, "", nil, failed(op, path, syscall.ENOENT)
		}
		if next.mode != fs.ModeDir {
			return nil, "", nil, failed(op, path, syscall.ENOTDIR)
		}
		folder = next
	}
	name = parts[len(parts)-1]
	if name == "" {
		return nil, "", d.root, nil
	}
	return folder, name, folder.names[name], nil
}

// existing is find for a node that must exist.
func (d *Disk) existing(op, path string, mode fs.FileMode) (*node, error) {
	_, _, n, err := d.find(op, path)
	switch {
	case err != nil:
		return nil, err
	case n == nil:
		return nil, failed(op, path, syscall.ENOENT)
	case n.mode != mode && mode == fs.ModeDir:
		return nil, failed(op, path, syscall.ENOTDIR)
	}
	return n, nil
}

func failed(op, path string, err error) error { return &fs.PathError{Op: op, Path: path, Err: err} }

// add puts a new node at path.
func (d *Disk) add(op, path string, n *node) error {
	folder, name, there, err := d.find(op, path)
	if err != nil {
		return err
	}
	if there != nil {
		return failed(op, path, syscall.EEXIST)
	}
	d.set(folder, map[string]*node{name: n})
	return nil
}

// Mkdir implements disk.FS.
func (d *Disk) Mkdir(path string) error { return d.add("mkdir", path, newFolder()) }

// Symlink implements disk.FS.
func (d *Disk) Symlink(target, path string) error {
	return d.add("symlink", path, &node{mode: fs.ModeSymlink, data: []byte(target), synced: true})
}

// Create implements disk.FS.
func (d *Disk) Create(path string) (disk.File, error) {
	n := &node{}
	if err := d.add("open", path, n); err != nil {
		return nil, err
	}
	return diskFile{n}, nil
}

// Open implements disk.FS, for files.
func (d *Disk) Open(path string) (io.ReadCloser, error) {
	n, err := d.existing("open", path, 0)
	if err != nil {
		return nil, err
	}
	return io.NopCloser(bytes.NewReader(n.data)), nil
}

// Lstat implements disk.FS.
func (d *Disk) Lstat(path string) (fs.FileInfo, error) {
	n, err := d.existing("lstat", path, 0)
	if err != nil {
		return nil, err
	}
	return info{filepath.Base(path), n}, nil
}

// ReadDir implements disk.FS.
func (d *Disk) ReadDir(path string) ([]fs.DirEntry, error) {
	n, err := d.existing("open", path, fs.ModeDir)
	if err != nil {
		return nil, err
	}
	var list []fs.DirEntry
	for _, name := range slices.Sorted(maps.Keys(n.names)) {
		list = append(list, fs.FileInfoToDirEntry(info{name, n.names[name]}))
	}
	return list, nil
}

// Readlink is the target of the link at path; "" if there is none.
func (d *Disk) Readlink(path string) string {
	if n, err := d.existing("readlink", path, 0); err == nil && n.mode == fs.ModeSymlink {
		return string(n.data)
	}
	return ""
}
