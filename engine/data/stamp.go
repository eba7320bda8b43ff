package data

import (
	"io/fs"
	"os"
	"path/filepath"
)

// stamp tells one content of a file from another without reading it.
type stamp struct {
	size int64
	mark int64 // the time of the last change in ns; of an archive's entry, its checksum or its place
}

func stampOf(info fs.FileInfo) stamp { return stamp{info.Size(), info.ModTime().UnixNano()} }

func (f folder) stamp(name string) (stamp, error) {
	info, err := os.Stat(filepath.Join(string(f), filepath.FromSlash(name)))
	if err != nil {
		return stamp{}, err
	}
	return stampOf(info), nil
}

// origin is none: a folder's own time says nothing about the files below it.
func (f folder) origin() []stamp { return nil }

func (a *zipFiles) stamp(name string) (stamp, error) {
	f := a.entries[name]
	if f == nil {
		return stamp{}, fs.ErrNotExist
	}
	return stamp{int64(f.UncompressedSize64), int64(f.CRC32)}, nil
}

func (a *zipFiles) origin() []stamp { return []stamp{a.whole} }

func (t *tarFiles) stamp(name string) (stamp, error) {
	e, ok := t.entries[name]
	if !ok {
		return stamp{}, fs.ErrNotExist
	}
	return stamp{e.size, e.at}, nil
}

func (t *tarFiles) origin() []stamp { return []stamp{t.whole} }

func (p *packed) stamp(name string) (stamp, error) {
	files, name := p.find(name)
	return files.stamp(name)
}

// origin is that of all the archives.
func (p *packed) origin() []stamp {
	all := p.opener.origin()
	for _, m := range p.inside {
		all = append(all, m.files.origin()...)
	}
	return all
}
