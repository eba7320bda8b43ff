package train

import (
	"os"
	"path/filepath"
	"slices"

	"udml-gpu/engine/checkpoint"
)

// lastGood is the newest intact checkpoint from before d, as a path; "" where there is none. Every checkpoint holds a sound
// network (checkFinite), so of numbers that are not finite each is from before; a collapse may have been saved before it was seen.
func (t *Trainer) lastGood(d *Divergence) string {
	folder := t.run.Path("checkpoints")
	entries, _ := os.ReadDir(folder) // none, before the first was written
	for _, e := range slices.Backward(entries) {
		if dir := filepath.Join(folder, e.Name()); d.follows(e.Name()) && checkpoint.Verify(dir) == nil {
			return dir
		}
	}
	return ""
}

// follows says that a checkpoint of that name is from before d began.
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
