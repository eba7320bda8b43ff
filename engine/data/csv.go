package data

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"udml-gpu/engine/data/baddata"
)

// tableKeys are the columns of a csv list and the keys of a jsonl list. Only the path is required; a box needs all four.
var tableKeys = []string{"path", "label", "split", "x", "y", "w", "h"}

// readCSV reads a list with a header: path, and optionally label, split, and the box x,y,w,h, in any order. Fields are
// quoted as in RFC 4180.
func readCSV(l lists, o Options) ([]record, error) {
	list, b, err := l.readTable(".csv")
	if err != nil {
		return nil, err
	}
	records, line, err := l.parseCSV(list, b, o)
	if err != nil {
		return nil, baddata.Errorf("%s, line %d: %w", l.display(list), line, err)
	}
	return records, nil
}

// parseCSV reads the list; line is the place of an error.
func (l lists) parseCSV(list string, b []byte, o Options) (records []record, line int, err error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b, []byte("\ufeff")))) // spreadsheets write a byte order mark
	r.ReuseRecord = true
	header, err := r.Read()
	if err == io.EOF {
		return nil, 1, errors.New("the list is empty: expected a header with the column path")
	}
	if err != nil {
		return nil, 1, csvCause(err)
	}
	column, err := columnsOf(header)
	if err != nil {
		return nil, 1, err
	}
	for {
		fields, err := r.Read()
		if err == io.EOF {
			return records, 0, nil
		}
		if bad := (*csv.ParseError)(nil); errors.As(err, &bad) {
			return nil, bad.Line, csvCause(err)
		}
		line, _ := r.FieldPos(0)
		if err := checkFieldLengths(fields); err != nil {
			return nil, line, err
		}
		rec, err := rowOf(fields, column).record(l, list, line, o)
		if err != nil {
			return nil, line, err
		}
		records = append(records, rec)
	}
}

// checkFieldLengths applies the limit maxLine to fields: a quoted field can span many lines.
func checkFieldLengths(fields []string) error {
	for _, field := range fields {
		if len(field) > maxLine {
			return fmt.Errorf("a field has %d bytes, the limit is %d", len(field), maxLine)
		}
	}
	return nil
}

// csvCause drops the place from an error of the csv package, because the message already names the line.
func csvCause(err error) error {
	if bad := (*csv.ParseError)(nil); errors.As(err, &bad) {
		return bad.Err
	}
	return err
}

// columnsOf finds the columns by the header. Unknown names are refused: otherwise a misspelt "label" would leave images without one.
func columnsOf(header []string) (map[string]int, error) {
	if err := checkFieldLengths(header); err != nil {
		return nil, err
	}
	column := map[string]int{}
	for i, name := range header {
		name = strings.ToLower(strings.TrimSpace(name))
		if !slices.Contains(tableKeys, name) {
			return nil, fmt.Errorf("the column %q is not known: expected %s", name, strings.Join(tableKeys, ", "))
		}
		if _, twice := column[name]; twice {
			return nil, fmt.Errorf("the column %q is given twice", name)
		}
		column[name] = i
	}
	if _, ok := column["path"]; !ok {
		return nil, errors.New("the column path is missing")
	}
	have := 0
	for _, name := range tableKeys[3:] {
		if _, ok := column[name]; ok {
			have++
		}
	}
	if have != 0 && have != 4 {
		return nil, errors.New("a box needs the four columns x, y, w and h")
	}
	return column, nil
}

func rowOf(fields []string, column map[string]int) row {
	at := func(name string) string {
		if i, ok := column[name]; ok {
			return strings.TrimSpace(fields[i])
		}
		return ""
	}
	return row{at("path"), at("label"), at("split"), []string{at("x"), at("y"), at("w"), at("h")}}
}
