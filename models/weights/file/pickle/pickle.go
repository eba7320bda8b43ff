// Package pickle reads data written by torch.save: numbers, text and plain containers in pickle protocol 2. Nothing is
// imported or run: a global is only a name that the caller knows, skips or refuses. Only the opcodes that such data need are read
// (https://github.com/python/cpython/blob/main/Lib/pickletools.py describes them).
package pickle

import (
	"errors"
	"fmt"
)

// A value is nil, bool, int64, float64, string, Tuple, *List, *Dict, Global, Unread, Skipped, or a value made by a Resolver.

// Tuple is a Python tuple.
type Tuple []any

// List is a Python list. It may contain itself.
type List struct{ Items []any }

// Dict is a Python dict or OrderedDict: keys are string or int64, in the order in which they were written. It may contain itself.
type Dict struct {
	Keys   []any
	Others []any // the values under keys of other types
	values map[any]any
}

// Get is the value of key.
func (d *Dict) Get(key any) (any, bool) {
	v, ok := d.values[key]
	return v, ok
}

// Set adds a key, or gives an error when it exists. For a key that is neither string nor int64, only the value is kept.
func (d *Dict) Set(key, value any) error {
	switch key.(type) {
	case string, int64:
	default:
		d.Others = append(d.Others, value)
		return nil
	}
	if _, taken := d.values[key]; taken {
		return fmt.Errorf("a dict has the key %#v twice", key)
	}
	if d.values == nil {
		d.values = map[any]any{}
	}
	d.Keys = append(d.Keys, key)
	d.values[key] = value
	return nil
}

// Global is a class or function by name.
type Global struct{ Module, Name string }

// String is the name as Python writes it.
func (g Global) String() string { return g.Module + "." + g.Name }

// Unread is an integer of more than 64 bits, or text that is not UTF-8, such as bytes from Python 2.
type Unread struct{}

// Skipped is an object that is not built: only the name of its callable is known. Its
// arguments, attributes and items are read and dropped.
type Skipped struct{ By Global }

// Resolver resolves the names in a pickle. An error from it ends the reading.
type Resolver interface {
	Find(g Global) error                    // nil when the data may contain the global
	Call(g Global, args Tuple) (any, error) // the result of g, which Find allowed; may be Skipped
	Persistent(id any) (any, error)         // the value stored outside the pickle under id
	Build(object, state any) error          // sets object's attributes
}

// maxSteps bounds the memory that a pickle takes, at some hundred bytes an opcode. A tensor takes about 40 opcodes; the
// largest networks have some thousand tensors.
const maxSteps = 1 << 22

// Load reads b, which must be exactly one value.
func Load(b []byte, r Resolver) (any, error) {
	value, rest, err := LoadFirst(b, r)
	if err == nil && len(rest) > 0 {
		return nil, errors.New("bytes follow its end")
	}
	return value, err
}

// LoadFirst reads the value at the beginning of b; rest is what follows it.
func LoadFirst(b []byte, r Resolver) (value any, rest []byte, err error) {
	m := &machine{rest: b, resolver: r, memo: map[uint32]any{}}
	for range maxSteps {
		op, err := m.byte()
		if err != nil {
			return nil, nil, err
		}
		if op == opStop {
			value, err := m.result()
			return value, m.rest, err
		}
		if err := m.step(op); err != nil {
			return nil, nil, fmt.Errorf("byte %d: %w", len(b)-len(m.rest), err)
		}
	}
	return nil, nil, fmt.Errorf("more than %d opcodes", maxSteps)
}

func (m *machine) result() (any, error) {
	if len(m.stack) != 1 || len(m.marks) != 0 {
		return nil, fmt.Errorf("it ends with %d values and %d marks: expected one value", len(m.stack), len(m.marks))
	}
	return m.stack[0], nil
}
