package pickle

import (
	"encoding/binary"
	"fmt"
	"math"
)

// The opcodes of protocol 2 for plain data and for objects, by Python's letters.
const (
	opMark, opStop           = '(', '.'
	opProto                  = 0x80
	opPop, opPopMark, opDup  = '0', '1', '2' // for tuples that contain themselves
	opNone, opTrue, opFalse  = 'N', 0x88, 0x89
	opBinInt, opBinInt1      = 'J', 'K'
	opBinInt2                = 'M'
	opLong1, opLong4         = 0x8a, 0x8b
	opBinFloat, opBinUnicode = 'G', 'X'
	opShortString, opString  = 'U', 'T' // Python 2's form of text
	opEmptyTuple, opTuple    = ')', 't'
	opTuple1, opTuple3       = 0x85, 0x87
	opEmptyList, opEmptyDict = ']', '}'
	opAppend, opAppends      = 'a', 'e'
	opSetItem, opSetItems    = 's', 'u'
	opBinPut, opLongBinPut   = 'q', 'r'
	opBinGet, opLongBinGet   = 'h', 'j'
	opGlobal, opReduce       = 'c', 'R'
	opBuild, opBinPersID     = 'b', 'Q'
	opNewObject, opObject    = 0x81, 'o'
)

func (m *machine) step(op byte) error {
	switch op {
	case opProto:
		return m.proto()
	case opNone, opTrue, opFalse, opBinInt, opBinInt1, opBinInt2, opLong1, opLong4, opBinFloat, opBinUnicode, opShortString, opString:
		v, err := m.scalar(op)
		m.push(v)
		return err
	case opMark:
		m.marks = append(m.marks, len(m.stack))
	case opEmptyTuple:
		m.push(Tuple{})
	case opEmptyList:
		m.push(&List{})
	case opEmptyDict:
		m.push(&Dict{})
	case opBinPut:
		return m.put(1)
	case opLongBinPut:
		return m.put(4)
	case opBinGet:
		return m.get(1)
	case opLongBinGet:
		return m.get(4)
	case opGlobal:
		return m.global()
	case opReduce, opNewObject, opObject, opBuild, opBinPersID:
		return m.resolve(op)
	case opPop, opPopMark, opDup:
		return m.shuffle(op)
	default:
		return m.collect(op)
	}
	return nil
}

// shuffle drops or repeats the top of the stack.
func (m *machine) shuffle(op byte) error {
	if op == opPopMark {
		_, err := m.popMark()
		return err
	}
	v, err := m.top()
	if err != nil {
		return err
	}
	if op == opDup {
		m.push(v)
		return nil
	}
	_, err = m.pop()
	return err
}

func (m *machine) proto() error {
	version, err := m.byte()
	if err == nil && version != 2 {
		err = fmt.Errorf("pickle protocol %d: expected 2, as written by torch.save", version)
	}
	return err
}

func (m *machine) scalar(op byte) (any, error) {
	switch op {
	case opTrue, opFalse:
		return op == opTrue, nil
	case opBinInt:
		n, err := m.number(4)
		return int64(int32(n)), err
	case opBinInt1:
		n, err := m.number(1)
		return int64(n), err
	case opBinInt2:
		n, err := m.number(2)
		return int64(n), err
	case opLong1:
		return m.long(1)
	case opLong4:
		return m.long(4)
	case opBinFloat:
		b, err := m.take(8)
		if err != nil {
			return nil, err
		}
		return math.Float64frombits(binary.BigEndian.Uint64(b)), nil
	case opShortString:
		return m.text(1)
	case opBinUnicode, opString:
		return m.text(4)
	}
	return nil, nil // opNone
}

// long is a signed number that follows its length, a number of that width. Numbers of more than 8 bytes become Unread: they are not sizes.
func (m *machine) long(width uint32) (any, error) {
	n, err := m.number(width)
	if err != nil {
		return nil, err
	}
	b, err := m.take(n)
	if err != nil || n > 8 {
		return Unread{}, err
	}
	var full [8]byte
	copy(full[:], b)
	if n == 0 {
		return int64(0), nil
	}
	shift := 64 - 8*n // extends the sign of the last byte
	return int64(binary.LittleEndian.Uint64(full[:])<<shift) >> shift, nil
}

// collect makes tuples and fills lists and dicts.
func (m *machine) collect(op byte) (err error) {
	var items []any
	switch op {
	case opTuple, opAppends, opSetItems:
		items, err = m.popMark()
	case opTuple1, opTuple1 + 1, opTuple3:
		items, err = m.popN(int(op) - opTuple1 + 1)
	case opAppend:
		items, err = m.popN(1)
	case opSetItem:
		items, err = m.popN(2)
	default:
		return fmt.Errorf("opcode %#x, which plain data do not use", op)
	}
	if err != nil {
		return err
	}
	switch op {
	case opAppend, opAppends:
		return m.extend(items)
	case opSetItem, opSetItems:
		return m.setItems(items)
	}
	m.push(Tuple(items))
	return nil
}

func (m *machine) extend(items []any) error {
	top, err := m.top()
	if err != nil {
		return err
	}
	switch list := top.(type) {
	case *List:
		list.Items = append(list.Items, items...)
	case Skipped: // a list of an unknown class
	default:
		return fmt.Errorf("values are appended to a %T", top)
	}
	return nil
}

func (m *machine) setItems(items []any) error {
	top, err := m.top()
	if err != nil {
		return err
	}
	if _, ok := top.(Skipped); ok { // a dict of an unknown class
		return nil
	}
	dict, ok := top.(*Dict)
	if !ok || len(items)%2 != 0 {
		return fmt.Errorf("%d keys and values are set in a %T", len(items), top)
	}
	for i := 0; i < len(items); i += 2 {
		if err := dict.Set(items[i], items[i+1]); err != nil {
			return err
		}
	}
	return nil
}
