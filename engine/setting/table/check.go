package table

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Check is an error that names the flag of the first wrong value. It checks the bounds of all rows, then choices, then the rows'
// own checks.
func Check(rows []Row) error {
	for _, check := range []func(Row) error{Row.checkBounds, Row.checkChoice, Row.checkOwn} {
		for _, r := range rows {
			if err := check(r); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r Row) checkBounds() error {
	if !r.bounded {
		return nil
	}
	v := reflect.ValueOf(r.Value()).Convert(reflect.TypeFor[float64]()).Float()
	if !(v >= r.lo && v <= r.hi) {
		return fmt.Errorf("--%s %g is out of range: expected %g to %g", r.Key, v, r.lo, r.hi)
	}
	return nil
}

func (r Row) checkChoice() error {
	if v, ok := r.Value().(string); ok && r.choices != nil && !slices.Contains(r.choices, v) {
		return fmt.Errorf("--%s %q is not known: expected one of %s", r.Key, v, strings.Join(r.choices, ", "))
	}
	return nil
}

func (r Row) checkOwn() error {
	if r.own == nil {
		return nil
	}
	return r.own()
}

// Fault says what the row's description lacks; "" when it is complete.
func (r Row) Fault() string {
	_, number := r.Default.(float64)
	if _, ok := r.Default.(int); ok {
		number = true
	}
	switch {
	case r.Key == "" || r.Key != strings.ToLower(r.Key) || strings.ContainsAny(r.Key, "_ "):
		return "its key is not a flag's name"
	case r.Help == "":
		return "it has no help"
	case r.Group == "":
		return "it has no group"
	case number && !r.bounded && r.own == nil:
		return "a number needs bounds (Within) or a check of its own (Checked)"
	case r.bounded && !(r.lo <= r.hi):
		return "no value is within its bounds"
	}
	return ""
}
