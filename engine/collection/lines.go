package collection

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"udml-gpu/engine/data/rawname"
	"udml-gpu/models/disk"
)

const (
	maxLine   = 1 << 20
	lineStep  = 64      // lines from one mark to the next
	lineAhead = 1 << 16 // bytes that are read at a time
)

// lines gives the lines of a file by their numbers. What it holds of a line is an eighth of a byte.
type lines struct {
	f     *os.File
	n     int
	size  int64   // bytes
	marks []int64 // where every lineStep-th line begins

	r    *bufio.Reader // stands before line next; nil: nothing was read
	next int
	line []byte
}

// append counts a line of that many bytes, which the file has at its end.
func (l *lines) append(size int) {
	if l.n%lineStep == 0 {
		l.marks = append(l.marks, l.size)
	}
	l.n++
	l.r = nil // it may stand before an earlier end
	l.size += int64(size)
}

// at is line i, with its end, valid until the next call. Lines in their order are read in one pass.
func (l *lines) at(i int) (line []byte, err error) {
	if l.r == nil {
		l.r, l.next = bufio.NewReaderSize(nil, lineAhead), l.n
	}
	if i < l.next || i >= l.next+lineStep {
		l.next = i / lineStep * lineStep
		from := l.marks[i/lineStep]
		l.r.Reset(io.NewSectionReader(l.f, from, l.size-from))
	}
	for ; l.next <= i; l.next++ {
		if l.line, err = readLine(l.r, l.line[:0]); err != nil {
			return nil, err
		}
	}
	return l.line, nil
}

// readLine appends a whole line with its end to b; io.EOF where there is none, or a longer one than is ever written.
func readLine(r *bufio.Reader, b []byte) ([]byte, error) {
	for {
		part, err := r.ReadSlice('\n')
		b = append(b, part...)
		switch {
		case err == nil:
			return b, nil
		case !errors.Is(err, bufio.ErrBufferFull) || len(b) > maxLine:
			return b, err
		}
	}
}

// item is the item of an entry's line.
func (l *lines) item(i int) (*Item, error) {
	line, err := l.at(i)
	if err != nil {
		return nil, err
	}
	var e entry
	err = e.parse(line)
	return &e.Item, err
}

// entry is a line of the journal.
type entry struct {
	Dim  int
	CRC  uint32 // of the row
	Next int    `json:",omitempty"` // the generation that it is for; 0: the line is of a version that did not write it
	Item Item   // Path and Label as rawname.Text
}

func (e *entry) parse(line []byte) error {
	err := json.Unmarshal(line, e)
	e.Item.Path, e.Item.Label = rawname.Bytes(e.Item.Path), rawname.Bytes(e.Item.Label)
	return err
}

// lineOf is an entry's line.
func lineOf(b *bytes.Buffer, e entry) error {
	e.Item.Path, e.Item.Label = rawname.Text(e.Item.Path), rawname.Text(e.Item.Label)
	return json.NewEncoder(b).Encode(e)
}

// spool keeps the items of some rows of a generation in a file without a name, so that they can be read in any order.
type spool struct {
	lines
	rows []int // ascending, each once: line n is that of rows[n]
}

// spooled writes the items of the rows to a file in the folder.
func (p *past) spooled(rows []int, folder string) (s *spool, err error) {
	s = &spool{rows: rows}
	if s.f, err = disk.Unnamed(folder, "moved-*"); err != nil {
		return nil, err
	}
	w, b, c := bufio.NewWriterSize(s.f, lineAhead), &bytes.Buffer{}, p.cursor()
	defer c.close()
	for _, row := range rows {
		var it *Item
		if it, err = c.item(row); err != nil {
			break
		}
		b.Reset()
		if err = lineOf(b, entry{Item: *it}); err == nil {
			_, err = w.Write(b.Bytes())
		}
		if err != nil {
			break
		}
		s.append(b.Len())
	}
	if err == nil {
		err = w.Flush()
	}
	if err != nil {
		_ = s.f.Close()
		return nil, err
	}
	return s, nil
}

// of is the item of a row.
func (s *spool) of(row int) (*Item, error) {
	n, ok := slices.BinarySearch(s.rows, row)
	if !ok {
		return nil, fmt.Errorf("row %d was not spooled", row)
	}
	return s.item(n)
}
