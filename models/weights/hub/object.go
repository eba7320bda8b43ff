package hub

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
)

// maxNesting bounds the depth of a configuration's lists and objects: published ones have 4.
const maxNesting = 64

// maxWhole is the largest whole number that a configuration may give: every real one is far smaller.
const maxWhole = 1 << 20

// object is a JSON object of a configuration. It keeps the first wrong value, which err reports, so that values can be read in a row.
type object struct {
	file   string // path, for messages
	at     string // the keys that lead to it, each followed by a dot
	values map[string]any
	fault  *error
}

// parseObject reads one JSON object.
func parseObject(b []byte) (map[string]any, error) {
	if err := checkNesting(b); err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var values map[string]any
	if err := d.Decode(&values); err != nil {
		return nil, fmt.Errorf("it is not a JSON object (%w)", err)
	}
	if values == nil {
		return nil, errors.New("it is not a JSON object")
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("text follows its JSON object")
	}
	return values, nil
}

// checkNesting refuses deep nesting before the decoder allocates for it.
func checkNesting(b []byte) error {
	depth, text := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case text && c == '\\':
			i++
		case c == '"':
			text = !text
		case text:
		case c == '{' || c == '[':
			if depth++; depth > maxNesting {
				return fmt.Errorf("its lists and objects are nested deeper than %d", maxNesting)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}

// err is the first wrong value that was read.
func (o *object) err() error { return *o.fault }

// wrong notes a value that is not what was expected.
func (o *object) wrong(key, expected string) {
	if *o.fault == nil {
		found, _ := json.Marshal(o.values[key]) // it came from JSON
		*o.fault = fmt.Errorf("%s: %s%s is %.60s: expected %s", o.file, o.at, key, found, expected)
	}
}

// has tells whether the key has a value other than null.
func (o *object) has(key string) bool { return o.values[key] != nil }

// text is a text; "" where there is none.
func (o *object) text(key string) string {
	s, ok := o.values[key].(string)
	if !ok && o.has(key) {
		o.wrong(key, "a text")
	}
	return s
}

// whole is a whole number of at least 0; absent where there is none. 4.0 is one.
func (o *object) whole(key string, absent int) int {
	v := o.number(key, float64(absent))
	if v == float64(absent) {
		return absent
	}
	if !(v >= 0 && v <= maxWhole && v == math.Trunc(v)) {
		o.wrong(key, fmt.Sprintf("a whole number of 0 to %d", maxWhole))
		return absent
	}
	return int(v)
}

// number is a number; absent where there is none.
func (o *object) number(key string, absent float64) float64 {
	if !o.has(key) {
		return absent
	}
	n, _ := o.values[key].(json.Number)
	v, err := strconv.ParseFloat(n.String(), 64)
	if err != nil {
		o.wrong(key, "a number")
		return absent
	}
	return v
}

// is is true or false; absent where there is neither.
func (o *object) is(key string, absent bool) bool {
	if !o.has(key) {
		return absent
	}
	v, ok := o.values[key].(bool)
	if !ok {
		o.wrong(key, "true or false")
	}
	return v
}

// object is an object; nil where there is none.
func (o *object) object(key string) *object {
	if !o.has(key) {
		return nil
	}
	values, ok := o.values[key].(map[string]any)
	if !ok {
		o.wrong(key, "an object")
		return nil
	}
	return &object{o.file, o.at + key + ".", values, o.fault}
}

// objectOr is an object, which is empty where there is none.
func (o *object) objectOr(key string) *object {
	if inner := o.object(key); inner != nil {
		return inner
	}
	return &object{o.file, o.at + key + ".", map[string]any{}, o.fault}
}

// numbers is a list of n numbers from low to high; nil where there is none.
func (o *object) numbers(key string, n int, low, high float64) []float64 {
	if !o.has(key) {
		return nil
	}
	list, _ := o.values[key].([]any)
	out := make([]float64, 0, n)
	for _, item := range list[:min(len(list), n+1)] {
		number, _ := item.(json.Number)
		if v, err := strconv.ParseFloat(number.String(), 64); err == nil && v >= low && v <= high {
			out = append(out, v)
		}
	}
	if len(out) != n || len(list) != n {
		o.wrong(key, fmt.Sprintf("%d numbers of %g to %g", n, low, high))
		return nil
	}
	return out
}
