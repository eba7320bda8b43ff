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
	return m.world.Find(g)
}

// outside asks the world for what a pickle alone does not hold.
func (m *machine) outside(op byte) error {
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
	v, err := m.world.Persistent(id)
	m.push(v)
	return err
}

// reduce calls a function, or makes an object of a class: the world tells which it knows.
func (m *machine) reduce() error {
	pair, err := m.popN(2)
	if err != nil {
		return err
	}
	return m.call(pair[0], pair[1])
}

// object makes an object as Python 2 writes those of its old classes: the class and its arguments stand above a mark.
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

// call pushes what callee makes of args. What a skipped object makes is skipped too.
func (m *machine) call(callee, args any) error {
	if s, ok := callee.(Skipped); ok {
		m.push(s)
		return nil
	}
	g, named := callee.(Global)
	list, tuple := args.(Tuple)
	if !named || !tuple {
		return fmt.Errorf("a call of %T with %T where a name and a tuple were expected", callee, args)
	}
	v, err := m.world.Call(g, list)
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
	return m.world.Build(object, state)
}
