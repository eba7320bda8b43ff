package pickle

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf8"
)

var (
	errCut   = errors.New("the data end early")
	errEmpty = errors.New("an opcode finds too few values on the stack")
)

// machine is the state between two opcodes.
type machine struct {
	rest     []byte
	resolver Resolver
	stack    []any
	marks    []int // lengths of the stack at each mark
	memo     map[uint32]any
}

func (m *machine) byte() (byte, error) {
	b, err := m.take(1)
	if err != nil {
		return 0, err
	}
	return b[0], nil
}

// take is the next n bytes; n is checked before anything is allocated.
func (m *machine) take(n uint32) ([]byte, error) {
	if uint64(n) > uint64(len(m.rest)) {
		return nil, errCut
	}
	b := m.rest[:n]
	m.rest = m.rest[n:]
	return b, nil
}

// number is the next width bytes, little-endian, unsigned.
func (m *machine) number(width uint32) (uint32, error) {
	b, err := m.take(width)
	if err != nil {
		return 0, err
	}
	var full [4]byte
	copy(full[:], b)
	return binary.LittleEndian.Uint32(full[:]), nil
}

// text is a string that follows its length, a number of that width. Bytes that are not text, from Python 2 or in
// file names, become Unread.
func (m *machine) text(width uint32) (any, error) {
	n, err := m.number(width)
	if err != nil {
		return nil, err
	}
	b, err := m.take(n)
	if err != nil {
		return nil, err
	}
	if !utf8.Valid(b) {
		return Unread{}, nil
	}
	return string(b), nil
}

// line is the text up to the next line end.
func (m *machine) line() (string, error) {
	n := bytes.IndexByte(m.rest, '\n')
	if n < 0 {
		return "", errCut
	}
	s := string(m.rest[:n])
	m.rest = m.rest[n+1:]
	return s, nil
}

func (m *machine) push(v any) { m.stack = append(m.stack, v) }

// floor is the length of the stack below the last open mark.
func (m *machine) floor() int {
	if len(m.marks) == 0 {
		return 0
	}
	return m.marks[len(m.marks)-1]
}

func (m *machine) pop() (any, error) {
	if len(m.stack) <= m.floor() {
		return nil, errEmpty
	}
	v := m.stack[len(m.stack)-1]
	m.stack = m.stack[:len(m.stack)-1]
	return v, nil
}

// popN pops the last n values, in order, as a new slice.
func (m *machine) popN(n int) ([]any, error) {
	first := len(m.stack) - n
	if first < m.floor() {
		return nil, errEmpty
	}
	list := append([]any{}, m.stack[first:]...)
	clear(m.stack[first:])
	m.stack = m.stack[:first]
	return list, nil
}

// popMark pops the values above the last mark, and the mark.
func (m *machine) popMark() ([]any, error) {
	if len(m.marks) == 0 {
		return nil, errors.New("an opcode finds no mark")
	}
	first := m.floor()
	list, err := m.popN(len(m.stack) - first)
	m.marks = m.marks[:len(m.marks)-1]
	return list, err
}

func (m *machine) top() (any, error) {
	if len(m.stack) <= m.floor() {
		return nil, errEmpty
	}
	return m.stack[len(m.stack)-1], nil
}

func (m *machine) put(width uint32) error {
	at, err := m.number(width)
	if err != nil {
		return err
	}
	m.memo[at], err = m.top()
	return err
}

func (m *machine) get(width uint32) error {
	at, err := m.number(width)
	if err != nil {
		return err
	}
	v, ok := m.memo[at]
	if !ok {
		return fmt.Errorf("memo %d is used before it is set", at)
	}
	m.push(v)
	return nil
}
