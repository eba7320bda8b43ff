package file

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"

	"udml-gpu/models/disk"
)

// Rows writes a safetensors file of one tensor [N,D] float32 whose rows arrive one after the other, before N is known. They are kept in
// a file without a name in the folder of the final one, so that the disk needs room for them twice while Write runs, and no file stays
// behind however the process ends.
type Rows struct {
	path, tensor string
	dim, n       int
	spool        *os.File
	w            *bufio.Writer
}

// rowBuffer is how many bytes are written to the disk at a time.
const rowBuffer = 1 << 18

// NewRows begins the file for path, with a tensor of that name and dim columns. The caller closes it.
func NewRows(path, tensor string, dim int) (*Rows, error) {
	spool, err := disk.Unnamed(filepath.Dir(path), ".embeddings-*")
	if err != nil {
		return nil, err
	}
	return &Rows{path: path, tensor: tensor, dim: dim, spool: spool, w: bufio.NewWriterSize(spool, rowBuffer)}, nil
}

// Add adds rows [n,D].
func (r *Rows) Add(rows []float32) error {
	if len(rows)%r.dim != 0 {
		panic(fmt.Sprintf("file: %d elements are not whole rows of %d", len(rows), r.dim))
	}
	r.n += len(rows) / r.dim
	for _, v := range rows {
		var b [4]byte
		binary.LittleEndian.PutUint32(b[:], math.Float32bits(v))
		if _, err := r.w.Write(b[:]); err != nil {
			return err
		}
	}
	return nil
}

// Len is the number of rows so far.
func (r *Rows) Len() int { return r.n }

// Write writes the file, with the same bytes as Write of this package. On an error path keeps its old content.
func (r *Rows) Write(meta map[string]Text) error { return r.write(disk.OS, meta) }

func (r *Rows) write(fsys disk.FS, meta map[string]Text) error {
	err := r.w.Flush()
	if err == nil {
		_, err = r.spool.Seek(0, io.SeekStart)
	}
	if err != nil {
		return err
	}
	size := 4 * r.n * r.dim
	return disk.ReplaceBy(fsys, r.path, func(w io.Writer) error {
		err := writeHeader(w, meta, []entry{{name: r.tensor, dtype: "F32", shape: []int{r.n, r.dim}, end: size}})
		if err == nil {
			var n int64
			n, err = io.CopyBuffer(onlyWriter{w}, io.LimitReader(r.spool, int64(size)), make([]byte, rowBuffer))
			if n < int64(size) && err == nil {
				err = io.ErrUnexpectedEOF
			}
		}
		if err != nil {
			return fmt.Errorf("%s: %w", r.path, err)
		}
		return nil
	})
}

// onlyWriter hides the other methods of a writer, so that io.CopyBuffer uses its buffer.
type onlyWriter struct{ io.Writer }

// Close drops rows that were not written.
func (r *Rows) Close() error { return r.spool.Close() }
