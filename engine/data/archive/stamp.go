package archive

import (
	"io/fs"
	"os"
	"path/filepath"
)

// Stamp distinguishes versions of a file's content without reading it.
type Stamp struct {
	Size int64
	Mark int64 // the time of the last change in ns; of an archive's entry, its checksum or its place
}

func stampOf(info fs.FileInfo) Stamp { return Stamp{info.Size(), info.ModTime().UnixNano()} }

// Stamp is Opener.Stamp.
func (f Folder) Stamp(name string) (Stamp, error) {
	info, err := os.Stat(filepath.Join(f.Path, filepath.FromSlash(name)))
	if err != nil {
		return Stamp{}, err
	}
	return stampOf(info), nil
}

// Origin is none: a folder's modification time says nothing about the files below it.
func (f Folder) Origin() []Stamp { return nil }

func (a *zipFiles) Stamp(name string) (Stamp, error) {
	f := a.entries[name]
	if f == nil {
		return Stamp{}, fs.ErrNotExist
	}
	return Stamp{int64(f.UncompressedSize64), int64(f.CRC32)}, nil
}

func (a *zipFiles) Origin() []Stamp { return []Stamp{a.whole} }

func (t *tarFiles) Stamp(name string) (Stamp, error) {
	e, ok := t.entries[name]
	if !ok {
		return Stamp{}, fs.ErrNotExist
	}
	return Stamp{e.size, e.at}, nil
}

func (t *tarFiles) Origin() []Stamp { return []Stamp{t.whole} }

func (p *packed) Stamp(name string) (Stamp, error) {
	files, name := p.find(name)
	return files.Stamp(name)
}

// Origin are the stamps of all the archives.
func (p *packed) Origin() []Stamp {
	all := p.Opener.Origin()
	for _, m := range p.inside {
		all = append(all, m.files.Origin()...)
	}
	return all
}
