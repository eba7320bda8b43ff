package train

import (
	"os"
	"path/filepath"
	"slices"

	"udml-gpu/engine/checkpoint"
)

// lastGood is the path of the newest intact checkpoint from before d; "" where there is none. Every checkpoint holds a finite
// network (checkFinite), so each is from before numbers that are not finite. A collapse may have been saved before it was seen.
func (t *Trainer) lastGood(d *Divergence) string {
	folder := t.run.Path("checkpoints")
	entries, _ := os.ReadDir(folder) // empty before the first checkpoint is written
	for _, e := range slices.Backward(entries) {
		if dir := filepath.Join(folder, e.Name()); d.follows(e.Name()) && checkpoint.Verify(dir) == nil {
			return dir
		}
	}
	return ""
}

// follows says whether d began after the checkpoint of that name.
func (d *Divergence) follows(name string) bool {
	at, ok := checkpoint.ParseAt(name)
	if !d.SavedBefore {
		return ok
	}
	begun := at.Epoch
	if at.Step > 0 {
		begun++
	}
	return ok && begun < d.Since
}
