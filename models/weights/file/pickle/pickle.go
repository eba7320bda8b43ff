// Package pickle reads the data that torch.save writes: numbers, text and plain containers in pickle protocol 2. Nothing is
// imported or run: a global is a name that the caller knows, skips or refuses. Only opcodes that such data need are read
// (https://github.com/python/cpython/blob/main/Lib/pickletools.py describes them).
package pickle

import (
	"errors"
	"fmt"
)

// A value is nil, bool, int64, float64, string, Tuple, *List, *Dict, Global, Unread, Skipped, or what a World made.

// Tuple is a Python tuple.
type Tuple []any

// List is a Python list. It may hold itself.
type List struct{ Items []any }

// Dict is a Python dict or OrderedDict: keys are string or int64, in order of their writing. It may hold itself.
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

// Set adds a key, or gives an error when it is there. Of a key that is neither string nor int64, the value alone is kept.
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

// Unread is an integer of more than 64 bits, or text that is not UTF-8, as Python 2 writes bytes.
type Unread struct{}

// Skipped stands for an object that is not built: nothing is known of it but the name of what would make it. What the pickle
// gives it (arguments, attributes, items) is read and dropped.
type Skipped struct{ By Global }

// World gives meaning to what a pickle names. Its errors end the reading.
type World interface {
	Find(g Global) error                    // nil when the global may stand in the data
	Call(g Global, args Tuple) (any, error) // what g, which Find allowed, makes of args; may be Skipped
	Persistent(id any) (any, error)         // what lies outside the pickle under id
	Build(object, state any) error          // object's own state: attributes
}

// maxSteps bounds the memory that a pickle takes, at some hundred bytes an opcode. A tensor takes about 40 opcodes; the
// largest networks have some thousand tensors.
const maxSteps = 1 << 22

// Load reads the one value of b, to its last byte.
func Load(b []byte, w World) (any, error) {
	value, rest, err := LoadFirst(b, w)
	if err == nil && len(rest) > 0 {
		return nil, errors.New("bytes follow its end")
	}
	return value, err
}

// LoadFirst reads the value that b begins with; rest is what follows it.
func LoadFirst(b []byte, w World) (value any, rest []byte, err error) {
	m := &machine{rest: b, world: w, memo: map[uint32]any{}}
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
		return nil, fmt.Errorf("it ends with %d values and %d marks where one value was expected", len(m.stack), len(m.marks))
	}
	return m.stack[0], nil
}
