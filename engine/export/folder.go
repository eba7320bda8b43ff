package export

import (
	"bytes"
	"encoding/json"
	"io"
	"path/filepath"

	"udml-gpu/models/disk"
	"udml-gpu/models/weights/file"
)

// folder is the output of a format that is a folder, while it is written.
type folder struct {
	*job
	path string
}

// inFolder lets write fill the output, which appears when it is complete.
func (j *job) inFolder(write func(f *folder) error) error {
	return failed(j.o.Out, disk.NewFolder(j.o.Out, func(path string) error { return write(&folder{job: j, path: path}) }))
}

// file writes a file of the folder.
func (f *folder) file(name string, write func(w io.Writer) error) error {
	path := filepath.Join(f.path, filepath.FromSlash(name))
	if err := disk.MakeDir(filepath.Dir(path)); err != nil {
		return err
	}
	f.r.Files = append(f.r.Files, name)
	return disk.ReplaceBy(disk.OS, path, write)
}

func (f *folder) text(name string, content []byte) error {
	return f.file(name, func(w io.Writer) error { _, err := w.Write(content); return err })
}

func (f *folder) json(name string, v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return err
	}
	return f.text(name, b.Bytes())
}

func (f *folder) weights(name string, about map[string]string, tensors []file.Tensor) error {
	return f.file(name, func(w io.Writer) error { return file.Encode(w, &file.Weights{Metadata: about, Tensors: tensors}) })
}
