// Package faultfs has file systems for tests: one whose operations fail on command, and one in memory whose power can be cut.
package faultfs

import (
	"io"
	"io/fs"
	"path/filepath"

	"udml-gpu/models/disk"
)

// How is what a failing operation does before it returns.
type How int

// The ways to fail.
const (
	Refused How = iota // it does nothing
	Half               // a write stores half its bytes, a read and a removal end half way; others do nothing
	Late               // it does everything, and reports a failure (a network file system that lost the answer)
	Altered            // a write stores other bytes and reports success; others work normally
)

// String describes it for a message.
func (h How) String() string {
	return [...]string{"refused", "half done", "done and reported failed", "altered"}[h]
}

// Failing counts the operations on a file system and makes the K-th (from 1) fail with Err. With Gone every later one
// fails too and does nothing. An Err of nil is a short write or read that only reports its length.
type Failing struct {
	disk.FS
	K    int
	Err  error
	How  How
	Gone bool
	ops  int
}

// Ops is the number of operations so far.
func (f *Failing) Ops() int { return f.ops }

// do runs an operation; half is its half-way form. Without an error to report it works normally.
func (f *Failing) do(op, half func() error) error {
	if f.Err == nil {
		half = op
	}
	return f.transfer(op, half)
}

// transfer is do for reads and writes, which report how far they came even without an error.
func (f *Failing) transfer(op, half func() error) error {
	f.ops++
	switch {
	case f.ops > f.K && f.K > 0 && f.Gone:
		return f.Err
	case f.ops != f.K || f.How == Altered:
		return op()
	case f.How == Half && f.Err == nil:
		return half()
	case f.How == Half:
		_ = half()
	case f.How == Late:
		_ = op()
	}
	return f.Err
}

func nothing() error { return nil }

// Mkdir implements disk.FS.
func (f *Failing) Mkdir(path string) error {
	return f.do(func() error { return f.FS.Mkdir(path) }, nothing)
}

// Rename implements disk.FS.
func (f *Failing) Rename(from, to string) error {
	return f.do(func() error { return f.FS.Rename(from, to) }, nothing)
}

// Symlink implements disk.FS.
func (f *Failing) Symlink(target, path string) error {
	return f.do(func() error { return f.FS.Symlink(target, path) }, nothing)
}

// SyncDir implements disk.FS.
func (f *Failing) SyncDir(path string) error {
	return f.do(func() error { return f.FS.SyncDir(path) }, nothing)
}

// RemoveAll implements disk.FS. Half of it removes every second entry of the folder.
func (f *Failing) RemoveAll(path string) error {
	return f.do(func() error { return f.FS.RemoveAll(path) }, func() error {
		entries, err := f.FS.ReadDir(path)
		for i := 0; i < len(entries); i += 2 {
			_ = f.FS.RemoveAll(filepath.Join(path, entries[i].Name()))
		}
		return err
	})
}

// Lstat implements disk.FS.
func (f *Failing) Lstat(path string) (info fs.FileInfo, err error) {
	err = f.do(func() (err error) { info, err = f.FS.Lstat(path); return err }, nothing)
	return info, err
}

// ReadDir implements disk.FS.
func (f *Failing) ReadDir(path string) (list []fs.DirEntry, err error) {
	err = f.do(func() (err error) { list, err = f.FS.ReadDir(path); return err }, nothing)
	return list, err
}

// Create implements disk.FS.
func (f *Failing) Create(path string) (disk.File, error) {
	var file disk.File
	err := f.do(func() (err error) { file, err = f.FS.Create(path); return err }, nothing)
	if err != nil {
		if file != nil { // created but reported as failed, so that the caller cannot close it
			file.Close()
		}
		return nil, err
	}
	return &failingFile{file, f}, nil
}

// Open implements disk.FS.
func (f *Failing) Open(path string) (io.ReadCloser, error) {
	var file io.ReadCloser
	err := f.do(func() (err error) { file, err = f.FS.Open(path); return err }, nothing)
	if err != nil {
		if file != nil {
			file.Close()
		}
		return nil, err
	}
	return &failingReader{file, f}, nil
}
