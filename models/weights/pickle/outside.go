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
	case opReduce:
		return m.reduce()
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

func (m *machine) reduce() error {
	pair, err := m.popN(2)
	if err != nil {
		return err
	}
	g, named := pair[0].(Global)
	args, tuple := pair[1].(Tuple)
	if !named || !tuple {
		return fmt.Errorf("a call of %T with %T where a name and a tuple were expected", pair[0], pair[1])
	}
	v, err := m.world.Call(g, args)
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
	return m.world.Build(object, state)
}
