package data

import (
	"fmt"
	"math"
	"strings"

	"udml-gpu/engine/data/baddata"
)

// headed reads a list like those of DeepFashion: the first line is the number of rows, the second the names of the columns.
// Columns are separated by runs of spaces; take gets those of a row.
func (l lists) headed(list, header string, take func(line int, columns []string) error) error {
	b, err := l.text(list)
	if err != nil {
		return err
	}
	h := headedList{header: strings.Fields(header), take: take, rows: -2}
	for n, line := range lines(b) {
		if err := h.line(n, line); err != nil {
			return baddata.Errorf("%s, line %d: %w", l.display(list), n, err)
		}
	}
	if h.rows < 0 {
		return baddata.Errorf("%s ends before its second line: expected the number of images, then %q", l.display(list), header)
	}
	if h.rows != h.count {
		return baddata.Errorf("%s, line 1: the number of images is %d, but %d follow", l.display(list), h.count, h.rows)
	}
	return nil
}

// headedList is how far a list has been read: rows is negative within the heading.
type headedList struct {
	header      []string
	take        func(line int, columns []string) error
	count, rows int
}

func (h *headedList) line(n int, line string) error {
	columns := strings.Fields(line)
	switch h.rows++; h.rows {
	case -1:
		count, ok := numberIn(line, 1, math.MaxInt32)
		if h.count = count; !ok {
			return fmt.Errorf("expected the number of images, found %q", line)
		}
	case 0:
		if strings.Join(columns, " ") != strings.Join(h.header, " ") {
			return fmt.Errorf("found %q, expected the header %q", line, strings.Join(h.header, " "))
		}
	default:
		if len(columns) != len(h.header) {
			return fmt.Errorf("%q does not have the columns %q", line, strings.Join(h.header, " "))
		}
		return h.take(n, columns)
	}
	return nil
}
