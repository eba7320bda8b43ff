package faultfs

import (
	"io/fs"
	"time"
)

// info is the result of Lstat for a node.
type info struct {
	name string
	n    *node
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return int64(len(i.n.data)) }
func (i info) Mode() fs.FileMode  { return i.n.mode | 0o777 }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return i.n.mode == fs.ModeDir }
func (i info) Sys() any           { return nil }
