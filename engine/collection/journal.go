package collection

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"udml-gpu/engine/data/rawname"
	"udml-gpu/models/disk"
)

// The files in pending/: a line and a row for each image that is embedded and not yet in a generation.
const (
	pendingDir   = "pending"
	journalFile  = "items.jsonl"
	vectorsFile  = "vectors.f32"
	maxLine      = 1 << 20
	journalDepth = 1 << 16 // bytes that wait before they are written
)

// journal keeps what is embedded until it becomes a generation, so that a killed writer loses a batch at most. Vectors are written
// before the lines that name them. After a power cut either file may lack its end or hold zeros there: each line has the checksum of its
// row.
type journal struct {
	dir     string
	dim     int
	found   []Item // of the writer before
	n       int    // number of items
	rows    *os.File
	lines   *os.File
	pending bytes.Buffer
}

// openJournal opens the journal of the collection at path with rows of dim columns, and what it holds from a writer before, without a
// damaged end. Rows of another length are dropped.
func openJournal(path string, dim int) (*journal, error) {
	j := &journal{dir: filepath.Join(path, pendingDir), dim: dim}
	if err := disk.MakeDir(j.dir); err != nil {
		return nil, err
	}
	var err error
	if j.rows, err = disk.OpenOwn(filepath.Join(j.dir, vectorsFile)); err != nil {
		return nil, err
	}
	if j.lines, err = disk.OpenOwn(filepath.Join(j.dir, journalFile)); err == nil {
		err = j.recover()
	}
	if err != nil {
		j.close()
		return nil, err
	}
	return j, nil
}

// recover reads the whole lines that have whole rows, and cuts off what stands behind them.
func (j *journal) recover() error {
	info, err := j.rows.Stat()
	if err != nil {
		return err
	}
	whole := info.Size() / int64(4*j.dim)
	r, kept := bufio.NewReaderSize(j.lines, journalDepth), int64(0)
	rows, row := bufio.NewReaderSize(j.rows, journalDepth), make([]byte, 4*j.dim)
	for int64(len(j.found)) < whole {
		line, err := readLine(r)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		var it entry
		if json.Unmarshal(line, &it) != nil || it.Dim != j.dim || !isSHA256(it.Item.SHA256) {
			break
		}
		if _, err := io.ReadFull(rows, row); err != nil || crc32.Checksum(row, castagnoli) != it.CRC {
			break
		}
		it.Item.Path, it.Item.Label = rawname.Bytes(it.Item.Path), rawname.Bytes(it.Item.Label)
		j.found = append(j.found, it.Item)
		kept += int64(len(line))
	}
	j.n = len(j.found)
	if err := j.lines.Truncate(kept); err != nil {
		return err
	}
	if _, err := j.lines.Seek(0, io.SeekEnd); err != nil {
		return err
	}
	if err := j.rows.Truncate(int64(j.n) * int64(4*j.dim)); err != nil {
		return err
	}
	_, err = j.rows.Seek(0, io.SeekEnd)
	return err
}

// entry is a line of the journal.
type entry struct {
	Dim  int
	CRC  uint32 // of the row
	Item Item   // Path and Label as rawname.Text
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// readLine is a whole line with its end; io.EOF where there is none, or a longer one than is ever written.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case err == nil:
			return line, nil
		case !errors.Is(err, bufio.ErrBufferFull) || len(line) > maxLine:
			return nil, err
		}
	}
}

// add writes items and their rows [len(items),D].
func (j *journal) add(items []Item, rows []float32) error {
	b, size := littleEndian(make([]byte, 0, 4*len(rows)), rows), 4*j.dim
	if err := writeAll(j.rows, b); err != nil {
		return err
	}
	j.pending.Reset()
	e := json.NewEncoder(&j.pending)
	for i, it := range items {
		it.Path, it.Label = rawname.Text(it.Path), rawname.Text(it.Label)
		if err := e.Encode(entry{j.dim, crc32.Checksum(b[i*size:(i+1)*size], castagnoli), it}); err != nil {
			return err
		}
	}
	if err := writeAll(j.lines, j.pending.Bytes()); err != nil {
		return err
	}
	j.n += len(items)
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
	for _, f := range []*os.File{j.rows, j.lines} {
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
