// Package output is what commands share that write one of several formats: --to names it, --out the file or folder.
package output

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/setting"
	"udml-gpu/models/disk"
)

// Format is a kind of file, or of folder, that a command writes. Packages embed it in their own type of a format.
type Format struct {
	Name   string
	About  string // for the help
	Folder bool   // the output is a new or empty folder
}

// File is a format that is a file.
func File(name, about string) Format { return Format{Name: name, About: about} }

// Folder is a format that is a folder.
func Folder(name, about string) Format { return Format{Name: name, About: about, Folder: true} }

func (f Format) format() Format { return f }

// Formatted is a type that embeds Format.
type Formatted interface{ format() Format }

// Names are those of the formats.
func Names[F Formatted](list []F) []string {
	names := make([]string, len(list))
	for i, f := range list {
		names[i] = f.format().Name
	}
	return names
}

// Describe is a line for each format.
func Describe[F Formatted](list []F) string {
	var b strings.Builder
	for _, f := range list {
		b.WriteString(f.format().Name + ": " + f.format().About + "\n")
	}
	return b.String()
}

// Find is the format of that name; a *setting.UsageError names all of them where there is none.
func Find[F Formatted](list []F, name string) (*F, error) {
	for i := range list {
		if list[i].format().Name == name {
			return &list[i], nil
		}
	}
	return nil, setting.Usage("--to %q is not known: expected %s", name, strings.Join(Names(list), ", "))
}

// WantPlace refuses a place that the format cannot be written to, before any work: a *baddata.Error.
func (f Format) WantPlace(out string) error {
	above := filepath.Dir(out)
	if info, err := os.Stat(above); err != nil || !info.IsDir() {
		return baddata.Errorf("--out %s: there is no folder %s", out, above)
	}
	info, err := os.Stat(out)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return baddata.Errorf("--out %s cannot be looked at: %w", out, disk.Cause(err))
	case !f.Folder && info.IsDir():
		return baddata.Errorf("--out %s is a folder: expected the name of a file to write", out)
	case !f.Folder && !info.Mode().IsRegular():
		return baddata.Errorf("--out %s is not a regular file: name another one", out)
	case f.Folder && !info.IsDir():
		return baddata.Errorf("--out %s is a file: --to %s writes a folder, which must be new or empty", out, f.Name)
	case f.Folder:
		if entries, err := os.ReadDir(out); err != nil || len(entries) > 0 {
			return baddata.Errorf("--out %s is not empty: --to %s writes a folder, which must be new or empty", out, f.Name)
		}
	}
	return nil
}
