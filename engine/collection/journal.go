package collection

import (
	"bufio"
	"bytes"
	"errors"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"udml-gpu/models/disk"
)

// The files in pending/: a line and a row for each image that is embedded and not yet in a generation.
const (
	pendingDir   = "pending"
	journalFile  = "items.jsonl"
	vectorsFile  = "vectors.f32"
	journalDepth = 1 << 16 // bytes that are read at a time
)

// journal keeps what is embedded until it becomes a generation, so that a killed writer loses a batch at most. Vectors are written
// before the lines that name them. After a power cut either file may lack its end or hold zeros there: each line has the checksum of its
// row. A writer that is killed after its generation was written leaves lines that are part of it: each line has the generation it is for.
type journal struct {
	lines
	dim     int
	next    int // the generation that is being made
	rows    *os.File
	pending bytes.Buffer
}

// openJournal opens the journal of generation next of the collection at path with rows of dim columns, and hands on what it holds from a
// writer before, without a damaged end: each image's number and item, which is valid until found returns. Rows of another length and those
// for another generation are dropped.
func openJournal(path string, dim, next int, found func(n int, it *Item)) (*journal, error) {
	j, dir := &journal{dim: dim, next: next}, filepath.Join(path, pendingDir)
	if err := disk.MakeDir(dir); err != nil {
		return nil, err
	}
	var err error
	if j.rows, err = disk.OpenOwn(filepath.Join(dir, vectorsFile)); err != nil {
		return nil, err
	}
	if j.f, err = disk.OpenOwn(filepath.Join(dir, journalFile)); err == nil {
		err = j.recover(found)
	}
	if err != nil {
		j.close()
		return nil, err
	}
	return j, nil
}

// recover reads the whole lines that have whole rows, and cuts off what stands behind them.
func (j *journal) recover(found func(n int, it *Item)) error {
	info, err := j.rows.Stat()
	if err != nil {
		return err
	}
	whole := info.Size() / int64(4*j.dim)
	r, line := bufio.NewReaderSize(j.f, journalDepth), []byte(nil)
	rows, row := bufio.NewReaderSize(j.rows, journalDepth), make([]byte, 4*j.dim)
	for int64(j.n) < whole {
		if line, err = readLine(r, line[:0]); errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		var e entry
		if e.parse(line) != nil || e.Dim != j.dim || !isSHA256(e.Item.SHA256) || e.Next != 0 && e.Next != j.next {
			break
		}
		if _, err := io.ReadFull(rows, row); err != nil || crc32.Checksum(row, castagnoli) != e.CRC {
			break
		}
		found(j.n, &e.Item)
		j.append(len(line))
	}
	if err := cutAt(j.f, j.size); err != nil {
		return err
	}
	return cutAt(j.rows, int64(j.n)*int64(4*j.dim))
}

// cutAt makes a file end there, and writes go on there.
func cutAt(f *os.File, size int64) error {
	if err := f.Truncate(size); err != nil {
		return err
	}
	_, err := f.Seek(size, io.SeekStart)
	return err
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// add writes items and their rows [len(items),D].
func (j *journal) add(items []Item, rows []float32) error {
	b, size := littleEndian(make([]byte, 0, 4*len(rows)), rows), 4*j.dim
	if err := writeAll(j.rows, b); err != nil {
		return err
	}
	j.pending.Reset()
	sizes := make([]int, len(items))
	for i, it := range items {
		before := j.pending.Len()
		if err := lineOf(&j.pending, entry{j.dim, crc32.Checksum(b[i*size:(i+1)*size], castagnoli), j.next, it}); err != nil {
			return err
		}
		sizes[i] = j.pending.Len() - before
	}
	if err := writeAll(j.f, j.pending.Bytes()); err != nil {
		return err
	}
	for _, n := range sizes {
		j.append(n)
	}
	return nil
}

func writeAll(f *os.File, b []byte) error {
	n, err := f.Write(b)
	if err == nil && n < len(b) {
		err = io.ErrShortWrite
	}
	return err
}

func (j *journal) close() {
	for _, f := range []*os.File{j.rows, j.f} {
		if f != nil {
			_ = f.Close()
		}
	}
}

// dropJournal removes the journal, after its items have become part of a generation or belong to another network.
func dropJournal(path string) error {
	err := os.RemoveAll(filepath.Join(path, pendingDir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
