package file

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// metadataKey is the only key of the header that is not a tensor.
const metadataKey = "__metadata__"

// entry is a tensor as described in the header.
type entry struct {
	name, dtype string
	shape       []int
	begin, end  int
}

// header is the JSON part of a file.
type header struct {
	metadata map[string]string
	entries  []entry
}

// parseHeader reads the JSON token by token: encoding/json by itself would accept duplicate names, and keys in the
// wrong case.
func parseHeader(b []byte) (*header, error) {
	if len(b) == 0 || b[0] != '{' || !utf8.Valid(b) {
		return nil, errors.New("not a safetensors file: its header is not a JSON object")
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	h, r := &header{}, reader{d}
	err := r.object(func(name string) error {
		if name == metadataKey {
			h.metadata = map[string]string{}
			return r.object(func(key string) (err error) {
				h.metadata[key], err = r.text()
				return err
			})
		}
		e, err := r.entry(name)
		h.entries = append(h.entries, e)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("damaged safetensors header: %w", err)
	}
	if len(bytes.TrimRight(b[d.InputOffset():], " \t\r\n")) > 0 {
		return nil, errors.New("damaged safetensors header: text after the JSON object")
	}
	return h, nil
}

// reader reads the few kinds of values in a header.
type reader struct{ d *json.Decoder }

func (r reader) delim(want json.Delim) error {
	t, err := r.d.Token()
	if err != nil {
		return err
	}
	if t != want {
		return fmt.Errorf("found %v, expected %v", t, want)
	}
	return nil
}

// object calls each with every key; each must read the value.
func (r reader) object(each func(key string) error) error {
	if err := r.delim('{'); err != nil {
		return err
	}
	seen := map[string]bool{}
	for r.d.More() {
		key, err := r.text()
		if err != nil {
			return err
		}
		if seen[key] {
			return fmt.Errorf("%q is given twice", key)
		}
		seen[key] = true
		if err := each(key); err != nil {
			return err
		}
	}
	return r.delim('}')
}

func (r reader) text() (string, error) {
	t, err := r.d.Token()
	if err != nil {
		return "", err
	}
	s, ok := t.(string)
	if !ok {
		return "", fmt.Errorf("found %v, expected text", t)
	}
	return s, nil
}

// numbers reads a list of whole numbers, none of them negative. It is never nil.
func (r reader) numbers() ([]int, error) {
	if err := r.delim('['); err != nil {
		return nil, err
	}
	list := []int{}
	for r.d.More() {
		t, err := r.d.Token()
		if err != nil {
			return nil, err
		}
		s, _ := t.(json.Number)
		v, err := strconv.ParseUint(s.String(), 10, strconv.IntSize-1)
		if err != nil {
			return nil, fmt.Errorf("found %v, expected a size", t)
		}
		list = append(list, int(v))
	}
	return list, r.delim(']')
}

func (r reader) entry(name string) (entry, error) {
	e := entry{name: name}
	var offsets []int
	err := r.object(func(key string) (err error) {
		switch key {
		case "dtype":
			e.dtype, err = r.text()
		case "shape":
			e.shape, err = r.numbers()
		case "data_offsets":
			offsets, err = r.numbers()
		default:
			err = fmt.Errorf("unknown key %q", key)
		}
		return err
	})
	if err == nil && (e.dtype == "" || e.shape == nil || len(offsets) != 2) {
		err = errors.New("dtype, shape and two data_offsets are needed")
	}
	if err != nil {
		return e, fmt.Errorf("tensor %q: %w", name, err)
	}
	e.begin, e.end = offsets[0], offsets[1]
	return e, nil
}
