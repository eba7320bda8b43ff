package store

import (
	"os"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/models/disk"
)

// Staged calls create with a new temporary folder, in TMPDIR, for the files of an output in the store: an object is sent as a whole, so it
// is made on the disk first. The folder is gone when Staged returns. An error names out, the place as --out has it.
func Staged[T any](out string, create func(folder string) (T, error)) (T, error) {
	folder, err := os.MkdirTemp("", "udml-out-*")
	if err != nil {
		var none T
		return none, baddata.Errorf("--out %s: no temporary folder can be made for it: %w", out, disk.Cause(err))
	}
	defer func() { _ = os.RemoveAll(folder) }()
	return create(folder)
}
