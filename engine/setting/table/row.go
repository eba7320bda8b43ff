// Package table describes settings as rows. A row describes one setting completely; flags, help, environment variables, settings
// files, checks, presets and what a resumed run may change are derived from it.
package table

import (
	"fmt"
	"slices"
	"strings"
)

// Row is one setting. Int, Uint64, Float, String and Bool make a row for a value at a given place.
type Row struct {
	Key     string   // in files; the flag is --Key, the environment variable is Variable(Key)
	Help    string   // one sentence for --help
	Group   string   // heading in --help
	Default any      // int, uint64, float64, string or bool
	Methods []string // the methods that have the setting; nil: every run has it

	MayChange bool // it does not alter what a run computes, so a resumed run may change it without --allow-change
	OfNetwork bool // it is part of the description of a run's network or of how images are prepared for it
	OfShape   bool // the run's parameters or their shapes depend on it
	InPresets bool // every preset must name it
	Bare      bool // its flag may have no value, which means "true"

	at      place
	bounded bool
	lo, hi  float64
	choices []string
	own     func() error
}

// Int is a setting that is a whole number, with its value at p and the default usual.
func Int(key string, p *int, usual int, help string) Row { return row(key, p, usual, help) }

// Uint64 is a setting that is a whole number of at least 0, with its value at p and the default usual.
func Uint64(key string, p *uint64, usual uint64, help string) Row { return row(key, p, usual, help) }

// Float is a setting that is a number, with its value at p and the default usual.
func Float(key string, p *float64, usual float64, help string) Row { return row(key, p, usual, help) }

// String is a setting that is a text, with its value at p and the default usual.
func String(key string, p *string, usual, help string) Row { return row(key, p, usual, help) }

// Bool is a setting that is true or false, with its value at p and the default usual.
func Bool(key string, p *bool, usual bool, help string) Row { return row(key, p, usual, help) }

func row[T any](key string, p *T, usual T, help string) Row {
	return Row{Key: key, Help: help, Default: usual, InPresets: true, at: pointer[T]{p}}
}

// Within sets the smallest and the largest value of a number.
func (r Row) Within(lo, hi float64) Row {
	r.bounded, r.lo, r.hi = true, lo, hi
	return r
}

// OneOf sets the texts that the setting may have.
func (r Row) OneOf(choices ...string) Row {
	r.choices = choices
	return r
}

// Choices are the texts that the setting may have; nil: any.
func (r Row) Choices() []string { return r.choices }

// Checked adds a check of the setting's own, which runs after the bounds and choices of all settings.
func (r Row) Checked(check func() error) Row {
	r.own = check
	return r
}

// Auto adds to the help what the program chooses where the default leaves the setting open.
func (r Row) Auto(means string) Row {
	if _, ok := r.Default.(string); ok {
		r.Help += fmt.Sprintf(" (default: %s)", means)
	} else {
		r.Help += fmt.Sprintf("; %v: %s", r.Default, means)
	}
	return r
}

// Free lets a resumed run change the setting.
func (r Row) Free() Row {
	r.MayChange = true
	return r
}

// Network makes the setting part of the description of a run's network (OfNetwork).
func (r Row) Network() Row {
	r.OfNetwork = true
	return r
}

// Shape marks a setting on which the run's parameters or their shapes depend (OfShape).
func (r Row) Shape() Row {
	r.OfShape = true
	return r
}

// Unpreset leaves the setting out of presets, since it belongs to a machine, a data set or a run.
func (r Row) Unpreset() Row {
	r.InPresets = false
	return r
}

// MayBeBare allows the flag without a value, which means "true".
func (r Row) MayBeBare() Row {
	r.Bare = true
	return r
}

// Under puts the setting under another heading than that of its list.
func (r Row) Under(group string) Row {
	r.Group = group
	return r
}

// Group puts the rows without a heading under this one.
func Group(group string, rows ...Row) []Row {
	for i := range rows {
		if rows[i].Group == "" {
			rows[i].Group = group
		}
	}
	return rows
}

// Variable is the name of the environment variable for the setting, or the flag, of that key.
func Variable(key string) string {
	return "UDML_" + strings.ToUpper(strings.ReplaceAll(key, "-", "_"))
}

// UsedBy says whether a run of that method has the setting.
func (r Row) UsedBy(method string) bool {
	return r.Methods == nil || slices.Contains(r.Methods, method)
}

// Find is the row of that key, and whether there is one.
func Find(rows []Row, key string) (Row, bool) {
	if i := slices.IndexFunc(rows, func(r Row) bool { return r.Key == key }); i >= 0 {
		return rows[i], true
	}
	return Row{}, false
}

// Keys are the rows' keys.
func Keys(rows []Row) []string {
	keys := make([]string, len(rows))
	for i, r := range rows {
		keys[i] = r.Key
	}
	return keys
}
