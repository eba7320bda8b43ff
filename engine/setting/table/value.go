package table

import (
	"fmt"
	"maps"
	"reflect"
)

// place is where a setting's value lies.
type place interface {
	get() any
	set(v any)
}

type pointer[T any] struct{ p *T }

func (p pointer[T]) get() any  { return *p.p }
func (p pointer[T]) set(v any) { *p.p = v.(T) }

// Value is the setting's value, of its default's type.
func (r Row) Value() any { return r.at.get() }

// Set gives the setting a value, which must be of its default's type.
func (r Row) Set(v any) {
	if reflect.TypeOf(v) != reflect.TypeOf(r.Default) {
		panic(fmt.Sprintf("setting %s: %v is a %T, not a %T", r.Key, v, v, r.Default))
	}
	r.at.set(v)
}

// Reset gives every setting its default.
func Reset(rows []Row) {
	for _, r := range rows {
		r.at.set(r.Default)
	}
}

// Set gives the row of that key a value. It panics where there is no such row: the key is not a user's.
func Set(rows []Row, key string, v any) {
	r, ok := Find(rows, key)
	if !ok {
		panic("there is no setting " + key)
	}
	r.Set(v)
}

// Values are the values of settings by key, for rows that lie nowhere else: those that differ from their defaults. A copy is
// independent of its original. The zero Values has the defaults alone.
type Values struct{ other map[string]any }

// In is the row with its value in v instead of where it lay. A check of its own, which looks at the old place, is left behind.
func (r Row) In(v *Values) Row {
	r.at, r.own = kept{v, r.Key, r.Default}, nil
	return r
}

// kept is the place of one setting in Values.
type kept struct {
	in    *Values
	key   string
	usual any
}

func (k kept) get() any {
	if v, ok := k.in.other[k.key]; ok {
		return v
	}
	return k.usual
}

// set copies, since other Values may hold the same map. What equals its default is left out, so that equal settings are equal Values.
func (k kept) set(v any) {
	if k.get() == v {
		return
	}
	other := maps.Clone(k.in.other)
	switch {
	case v == k.usual:
		delete(other, k.key)
	case other == nil:
		other = map[string]any{k.key: v}
	default:
		other[k.key] = v
	}
	if len(other) == 0 {
		other = nil
	}
	k.in.other = other
}
