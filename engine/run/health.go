package run

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"udml-gpu/engine/method"
)

// Health are the figures of training that need no labels, in the order in which they are reported: those of the method, then the
// agreement of the first two views of an image. In JSON it is one object with a number for each.
type Health []method.Figure

// AgreementKey is the key of the mean cosine of the first two views; with a single view there is none.
const AgreementKey = "view_agreement"

// MarshalJSON keeps the order of the figures.
func (h Health) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, f := range h {
		v, err := json.Marshal(f.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Key, err)
		}
		key, err := json.Marshal(f.Key)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, key...), ':'), v...)
	}
	return append(b, '}'), nil
}

// UnmarshalJSON reads an object of numbers.
func (h *Health) UnmarshalJSON(b []byte) error {
	*h = nil
	d := json.NewDecoder(bytes.NewReader(b))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return errors.New("its health figures are not an object of numbers")
	}
	for d.More() {
		key, err := d.Token() // always a string within an object
		if err != nil {
			return err
		}
		var v float64
		if err := d.Decode(&v); err != nil {
			return fmt.Errorf("its health figure %q: %w", key, err)
		}
		*h = append(*h, method.Figure{Key: key.(string), Value: v})
	}
	return nil
}
