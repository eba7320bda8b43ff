package convert

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/pictures"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/models/disk"
)

// job is one call of Run.
type job struct {
	ctx  context.Context
	c    *collection.Collection
	live []int // the items that are written
	out  string
	o    Options
	r    *Result
	pics *pictures.Pictures // nil: without pictures

	plane *collection.Map // of tables; nil: there is none

	// Of a part of the images: how many come before it, how many there are, and what gets the bytes of its file.
	before, all int
	hashed      *hashed
}

// buffer is how many bytes are written to the disk at a time.
const buffer = 1 << 18

// checkEvery is how many rows are written between two looks at whether to stop.
const checkEvery = 256

// each calls do for every image: n counts them.
func (j *job) each(do func(n int, it *collection.Item, row []float32) error) error {
	for n, i := range j.live {
		if n%checkEvery == 0 {
			if err := j.look(n); err != nil {
				return err
			}
		}
		if err := do(n, &j.c.Items[i], j.c.Row(i)); err != nil {
			return err
		}
	}
	return nil
}

// look reports that done images are written, and is an error where the work is to stop.
func (j *job) look(done int) error {
	if j.o.Progress != nil {
		j.o.Progress(j.before+done, max(j.all, len(j.live)))
	}
	return j.ctx.Err()
}

// sample keeps at most limit images, at equal distances, and notes why.
func (j *job) sample(limit int, why string) {
	n := len(j.live)
	if n <= limit {
		return
	}
	kept := make([]int, limit)
	for i := range kept {
		kept[i] = j.live[int(int64(i)*int64(n)/int64(limit))]
	}
	j.live, j.r.Limit = kept, why
}

// write replaces the file at path by the output of body, and then writes the files beside it, once the disk has had room for it.
func (j *job) write(path string, body func(w *bufio.Writer) error, beside ...func() error) error {
	j.r.Files = append(j.r.Files, path)
	return disk.ReplaceBy(disk.OS, path, func(w io.Writer) error {
		if j.hashed != nil {
			w = io.MultiWriter(w, j.hashed)
		}
		b := bufio.NewWriterSize(w, buffer)
		err := body(b)
		if err == nil {
			err = b.Flush()
		}
		for _, f := range beside {
			if err == nil {
				err = f()
			}
		}
		return err
	})
}

// inFolder lets do write into a new folder beside the output, which then takes its place.
func (j *job) inFolder(do func(*job) error) error {
	out := filepath.Clean(j.out)
	err := disk.NewFolder(out, func(fresh string) error {
		j.out = fresh
		return do(j)
	})
	j.out = out
	for i, name := range j.r.Files {
		j.r.Files[i] = filepath.Join(out, filepath.Base(name))
	}
	return err
}

// in is the path of a file in the output folder.
func (j *job) in(name string) string { return filepath.Join(j.out, name) }

// beside is the path of a file that belongs to the output file: of v.npy and "paths.txt", v.paths.txt.
func (j *job) beside(name string) string {
	return strings.TrimSuffix(j.out, filepath.Ext(j.out)) + "." + name
}

// failed is the error for the user.
func (j *job) failed(err error) error {
	var bad *baddata.Error
	switch {
	case j.ctx.Err() != nil:
		return fmt.Errorf("%w: %s is as it was before", ErrStopped, j.r.Out)
	case errors.As(err, &bad):
		return err
	}
	return baddata.Errorf("--out %s cannot be written: %w", j.r.Out, disk.Cause(err))
}
