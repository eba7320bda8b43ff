package archive

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// PackedFolder is a folder of a published data set that may still be packed, in an archive beside it.
type PackedFolder struct{ Archive, Folder string }

// OpenPacked opens the folder or archive at p. Folders inside that are still packed are read from their archives, as if they
// were unpacked. keep is that of Open.
func OpenPacked(p, keep string, inside ...PackedFolder) (Opener, error) {
	files, err := Open(p, keep)
	if _, ok := files.(Folder); err != nil || !ok {
		return files, err
	}
	s := &packed{Opener: files}
	for _, f := range inside {
		if !isPacked(p, f) {
			continue
		}
		a, err := openArchive(filepath.Join(p, filepath.FromSlash(f.Archive)))
		if err != nil {
			_ = s.Close()
			return nil, err
		}
		s.inside = append(s.inside, mounted{path.Dir(f.Archive), a})
	}
	return s, nil
}

// isPacked tells whether the archive exists and the folder does not.
func isPacked(p string, f PackedFolder) bool {
	_, err := os.Stat(filepath.Join(p, filepath.FromSlash(f.Folder)))
	info, missing := os.Stat(filepath.Join(p, filepath.FromSlash(f.Archive)))
	return errors.Is(err, fs.ErrNotExist) && missing == nil && info.Mode().IsRegular()
}

// packed is a folder with archives in it.
type packed struct {
	Opener
	inside []mounted
}

// mounted is an archive whose entries appear as files below the folder at.
type mounted struct {
	at    string // ".": the top
	files Opener
}

// name is the name of a file inside the archive.
func (m mounted) name(file string) (string, bool) {
	if m.at == "." {
		return file, true
	}
	return strings.CutPrefix(file, m.at+"/")
}

// find is the archive that has a file, or else the folder, and the name of the file in it.
func (p *packed) find(name string) (Opener, string) {
	if errors.Is(p.Opener.Check(name), fs.ErrNotExist) {
		for _, m := range p.inside {
			if inner, ok := m.name(name); ok && !errors.Is(m.files.Check(inner), fs.ErrNotExist) {
				return m.files, inner
			}
		}
	}
	return p.Opener, name
}

func (p *packed) Check(name string) error {
	files, name := p.find(name)
	return files.Check(name)
}

func (p *packed) Read(name string) ([]byte, error) {
	files, name := p.find(name)
	return files.Read(name)
}

// Close closes the archives.
func (p *packed) Close() error {
	var failed error
	for _, m := range p.inside {
		failed = errors.Join(failed, m.files.Close())
	}
	return errors.Join(failed, p.Opener.Close())
}
