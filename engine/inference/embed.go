package inference

import (
	"os"
	"path/filepath"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/notes"
)

// Embedded is what EmbedTo has written.
type Embedded struct {
	Images     int          `json:"images"`
	Dimensions int          `json:"dimensions"`
	Out        string       `json:"out"`
	Split      string       `json:"split"` // that was taken
	Skipped    int          `json:"skipped_images,omitempty"`
	Notes      []notes.Note `json:"notes"` // what of the data set is not used, and doubts about how it was read
}

// wantFolder refuses, before the work is done, a file that could not be written after it.
func wantFolder(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return baddata.Errorf("--out %s is a folder: expected the name of a safetensors file to write", path)
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
		return baddata.Errorf("--out %s: there is no folder %s", path, filepath.Dir(path))
	}
	return nil
}
