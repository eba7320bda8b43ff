package mirror

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"udml-gpu/engine/checkpoint"
	"udml-gpu/models/disk"
)

// parcel is what one copy takes along: files that are open, so that they stay as they are when the run goes on and replaces them.
type parcel struct {
	at    checkpoint.At
	keep  int
	files []content
}

// content is an open file of the run directory; name has forward slashes.
type content struct {
	name string
	file *os.File
	size int64
}

// runFiles are the files of a run directory that are copied, besides those of a checkpoint; a folder stands for the files in it. The
// settings come last, since they are what makes a run.
var runFiles = []string{"metrics.jsonl", "events.jsonl", "report.html", "tensorboard", "classes.json", "config.yaml"}

// pack opens the files of a run, and of its checkpoint of position at, with the manifest last.
func pack(dir string, at checkpoint.At, keep int) (*parcel, error) {
	p := &parcel{at: at, keep: keep}
	err := p.addRun(dir)
	if err == nil {
		err = p.addFolder(dir, checkpoint.Folder+"/"+at.String())
	}
	if err != nil {
		p.close()
		return nil, err
	}
	last := len(p.files) - 1
	for i, f := range p.files {
		if path.Base(f.name) == checkpoint.ManifestName {
			p.files = append(append(p.files[:i:i], p.files[i+1:]...), p.files[i])
		}
	}
	if path.Base(p.files[last].name) != checkpoint.ManifestName {
		p.close()
		return nil, errors.New("the checkpoint " + at.String() + " has no " + checkpoint.ManifestName)
	}
	return p, nil
}

// addRun adds the run's own files.
func (p *parcel) addRun(dir string) error {
	for _, name := range runFiles {
		info, err := os.Lstat(filepath.Join(dir, name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err == nil && info.IsDir():
			err = p.addFolder(dir, name)
		case err == nil:
			err = p.add(dir, name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// addFolder adds the finished files in a folder.
func (p *parcel) addFolder(dir, folder string) error {
	entries, err := os.ReadDir(filepath.Join(dir, filepath.FromSlash(folder)))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if err := p.add(dir, folder+"/"+e.Name()); err != nil {
			return err
		}
	}
	return nil
}

func (p *parcel) add(dir, name string) error {
	f, info, err := disk.Open(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		return err
	}
	p.files = append(p.files, content{name, f, info.Size()})
	return nil
}

func (p *parcel) close() {
	for _, f := range p.files {
		_ = f.file.Close()
	}
	p.files = nil
}
