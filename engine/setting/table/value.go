package table

import (
	"fmt"
	"maps"
	"reflect"
)

// place is where the value of a setting is stored.
type place interface {
	get() any
	set(v any)
}

type pointer[T any] struct{ p *T }

func (p pointer[T]) get() any  { return *p.p }
func (p pointer[T]) set(v any) { *p.p = v.(T) }

// Value is the setting's value, of the type of its default.
func (r Row) Value() any { return r.at.get() }

// Set sets the setting's value. It panics if v is not of the type of the default.
func (r Row) Set(v any) {
	if reflect.TypeOf(v) != reflect.TypeOf(r.Default) {
		panic(fmt.Sprintf("setting %s: %v is a %T, not a %T", r.Key, v, v, r.Default))
	}
	r.at.set(v)
}

// Reset sets every setting to its default.
func Reset(rows []Row) {
	for _, r := range rows {
		r.at.set(r.Default)
	}
}

// Set sets the row of that key. It panics where there is no such row: keys of users are checked before.
func Set(rows []Row, key string, v any) {
	r, ok := Find(rows, key)
	if !ok {
		panic("there is no setting " + key)
	}
	r.Set(v)
}

// Values stores the values of settings by key, for rows without another place. It holds only values that differ from their defaults:
// the zero Values has the defaults. A copy is independent of its original.
type Values struct{ other map[string]any }

// In is the row with its value in v instead of its old place. It has no check of its own, since that would look at the old place.
func (r Row) In(v *Values) Row {
	r.at, r.own = entry{v, r.Key, r.Default}, nil
	return r
}

// entry is the place of one setting in Values.
type entry struct {
	in    *Values
	key   string
	usual any
}

func (e entry) get() any {
	if v, ok := e.in.other[e.key]; ok {
		return v
	}
	return e.usual
}

// set copies the map, since other Values may hold the same one. A default is not stored, so that equal settings are equal Values.
func (e entry) set(v any) {
	if e.get() == v {
		return
	}
	other := maps.Clone(e.in.other)
	switch {
	case v == e.usual:
		delete(other, e.key)
	case other == nil:
		other = map[string]any{e.key: v}
	default:
		other[e.key] = v
	}
	if len(other) == 0 {
		other = nil
	}
	e.in.other = other
}
