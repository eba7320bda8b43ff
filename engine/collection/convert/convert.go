// Package convert writes a collection as files that other programs read, one file of this package a format. Images whose files are gone
// are left out; the others keep the collection's order. Memory does not grow with their number beyond the collection's own list.
package convert

import (
	"context"
	"errors"
	"path/filepath"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/output"
	"udml-gpu/engine/setting"
	"udml-gpu/engine/store"
)

// ErrStopped is the error of work that ended by a signal; what was at the output before is still there.
var ErrStopped = errors.New("stopped")

// Options are what a user may choose.
type Options struct {
	Thumbnails bool                  // with pictures, in formats that hold them
	Side       int                   // of these pictures, in pixels
	Base64     bool                  // vectors as base64 of little-endian float32, in JSON lines
	Parts      int                   // tables that Parquet is cut into, in a folder; 0: one file
	Progress   func(done, total int) // may be nil
}

// Result is what Run has written.
type Result struct {
	Collection string   `json:"collection"`
	Format     string   `json:"format"`
	Out        string   `json:"out"`
	Files      []string `json:"files"` // Out, or what is in it, and files beside it
	Images     int      `json:"images"`
	Dimensions int      `json:"dimensions"`
	Total      int      `json:"total"`                   // images in the collection; more than Images: these are a sample
	Unreadable int      `json:"unreadable,omitempty"`    // images without a picture, since their files cannot be read
	Limit      string   `json:"sampled_since,omitempty"` // why not all images were written
}

// format is one that Run writes.
type format struct {
	output.Format
	pictures bool // it can hold pictures
	write    func(*job) error
}

// formats are all of them, in the order of the help.
var formats = []format{
	{output.File("parquet", "a table for pandas, pyarrow, DuckDB, Hugging Face datasets, Embedding Atlas"), true, writeParquet},
	{output.File("npy", "an array for numpy, with the paths beside it"), false, writeNPY},
	{output.File("csv", "a table as text"), false, writeCSV},
	{output.File("jsonl", "one JSON object a line"), false, writeJSONL},
	{output.File("safetensors", "the file that embed writes"), false, writeSafetensors},
	{output.File("faiss", "an IndexFlatIP of FAISS, with the paths beside it"), false, writeFAISS},
	{output.Folder("tensorboard", "a folder for TensorBoard's projector"), true, writeTensorBoard},
	{output.Folder("fiftyone", "a folder with a table and a Python file that gives it to FiftyOne"), true, writeFiftyOne},
	{output.Folder("lightly", "a folder with a table and a Python file that gives it to LightlyStudio"), true, writeLightly},
	{output.File("pgvector", "a CSV file for PostgreSQL's COPY, and SQL that makes the table of push from it"), false, writePgvector},
	{output.Folder("milvus", "a folder with a table for Milvus' bulk import, and its schema"), false, writeMilvus},
	{output.Folder("qdrant", "a folder with the bodies of Qdrant's requests"), false, writeQdrant},
}

// Formats are the names that Run takes.
func Formats() []string { return output.Names(formats) }

// Describe is a line for each format.
func Describe() string { return output.Describe(formats) }

// Run writes the collection at path in a format to out, which may be in a store. Errors are *setting.UsageError for options that do not
// go together, *baddata.Error for the collection, its images or the disk; then a file or folder at out is what it was before.
func Run(ctx context.Context, path, to, out string, o Options) (*Result, error) {
	f, err := choose(to, o)
	if err != nil {
		return nil, err
	}
	if store.Is(out) {
		return runToStore(ctx, f, path, out, o)
	}
	if err := wantPlace(f, out); err != nil {
		return nil, err
	}
	c, err := collection.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close() }()
	j := &job{ctx: ctx, c: c, live: c.Live(), out: out, o: o}
	if o.Parts > len(j.live) {
		return nil, setting.Usage("--parts %d are more than the %d images of %s", o.Parts, len(j.live), path)
	}
	j.r = &Result{Collection: text(path), Format: to, Out: text(out), Dimensions: c.Dim(), Total: len(j.live)}
	if err := j.openPictures(); err != nil {
		return nil, err
	}
	defer j.closePictures()
	if f.Folder {
		err = j.inFolder(f.write)
	} else {
		err = f.write(j)
	}
	if err != nil {
		return nil, j.failed(err)
	}
	j.r.Images = len(j.live)
	return j.r, nil
}

// choose finds the format, and refuses options that it does not have.
func choose(to string, o Options) (*format, error) {
	f, err := output.Find(formats, to)
	switch {
	case err != nil:
		return nil, err
	case o.Thumbnails && !f.pictures:
		return nil, setting.Usage("--with-thumbnails does not go with --to %s, which holds no pictures", to)
	case o.Parts > 0 && to != "parquet":
		return nil, setting.Usage("--parts does not go with --to %s: only parquet has it", to)
	case o.Parts > 0:
		return &format{output.Folder("parquet", f.About), f.pictures, writeParts}, nil
	case o.Base64 && to != "jsonl":
		return nil, setting.Usage("--base64 does not go with --to %s: only jsonl has it", to)
	}
	return f, nil
}

// wantPlace refuses, before the work is done, an output that could not be written after it.
func wantPlace(f *format, out string) error {
	if f.Name == "pgvector" && filepath.Ext(out) == ".sql" {
		return setting.Usage("--out %s: name the CSV file; the SQL is written beside it", out)
	}
	return f.WantPlace(out)
}
