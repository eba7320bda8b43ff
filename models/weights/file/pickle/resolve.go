package pickle

import "fmt"

func (m *machine) global() error {
	module, err := m.line()
	if err != nil {
		return err
	}
	name, err := m.line()
	if err != nil {
		return err
	}
	g := Global{module, name}
	m.push(g)
	return m.resolver.Find(g)
}

// resolve runs the opcodes whose values the resolver supplies.
func (m *machine) resolve(op byte) error {
	switch op {
	case opReduce, opNewObject:
		return m.reduce()
	case opObject:
		return m.object()
	case opBuild:
		return m.build()
	}
	id, err := m.pop()
	if err != nil {
		return err
	}
	v, err := m.resolver.Persistent(id)
	m.push(v)
	return err
}

// reduce calls a function or makes an object of a class, if the resolver knows it.
func (m *machine) reduce() error {
	pair, err := m.popN(2)
	if err != nil {
		return err
	}
	return m.call(pair[0], pair[1])
}

// object makes an object of an old class of Python 2: the class and its arguments are above a mark.
func (m *machine) object() error {
	items, err := m.popMark()
	if err != nil {
		return err
	}
	if len(items) == 0 {
		return errEmpty
	}
	return m.call(items[0], Tuple(items[1:]))
}

// call pushes the result of callee with args. Calling a skipped object gives a skipped object.
func (m *machine) call(callee, args any) error {
	if s, ok := callee.(Skipped); ok {
		m.push(s)
		return nil
	}
	g, named := callee.(Global)
	list, tuple := args.(Tuple)
	if !named || !tuple {
		return fmt.Errorf("a call of %T with %T: expected a name and a tuple", callee, args)
	}
	v, err := m.resolver.Call(g, list)
	m.push(v)
	return err
}

func (m *machine) build() error {
	state, err := m.pop()
	if err != nil {
		return err
	}
	object, err := m.top()
	if err != nil {
		return err
	}
	if _, ok := object.(Skipped); ok {
		return nil
	}
	return m.resolver.Build(object, state)
}
