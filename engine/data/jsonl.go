package data

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"udml-gpu/engine/data/baddata"
)

// readJSONL reads a list with one JSON object a line, whose keys are the columns of a csv list.
func readJSONL(l lists, o Options) ([]record, error) {
	list, b, err := l.readTable(".jsonl")
	if err != nil {
		return nil, err
	}
	var records []record
	for n, line := range lines(b) {
		row, err := parseJSONRow(line)
		if err != nil {
			return nil, baddata.Errorf("%s, line %d: %w", l.display(list), n, err)
		}
		rec, err := row.record(l, list, n, o)
		if err != nil {
			return nil, baddata.Errorf("%s, line %d: %w", l.display(list), n, err)
		}
		records = append(records, rec)
	}
	return records, nil
}

// parseJSONRow reads one object. A label may be a string or a number. Unknown keys are refused: otherwise a misspelt "label" would
// leave the image without one.
func parseJSONRow(line string) (row, error) {
	var v struct {
		Path, Split string
		Label       json.RawMessage
		X, Y, W, H  json.Number
	}
	d := json.NewDecoder(bytes.NewReader([]byte(line)))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		return row{}, fmt.Errorf("this is not a JSON object with the keys %s: %w", strings.Join(tableKeys, ", "), err)
	}
	if _, err := d.Token(); err != io.EOF {
		return row{}, errors.New("there is text after the JSON object: expected one object a line")
	}
	label, err := jsonLabel(v.Label)
	box := []string{v.X.String(), v.Y.String(), v.W.String(), v.H.String()}
	return row{v.Path, label, v.Split, box}, err
}

// jsonLabel is a label as text; "" for null or no label.
func jsonLabel(raw json.RawMessage) (string, error) {
	var text string
	var number json.Number
	switch {
	case raw == nil || string(raw) == "null":
		return "", nil
	case json.Unmarshal(raw, &text) == nil:
		return text, nil
	case json.Unmarshal(raw, &number) == nil:
		return number.String(), nil
	}
	return "", fmt.Errorf("the label %s is neither a string nor a number", raw)
}
