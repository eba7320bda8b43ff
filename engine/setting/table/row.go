// Package table describes settings as rows. A row says all there is to know about one setting; flags, help, the environment's names,
// settings files, checks, presets and what a resumed run may change follow from it.
package table

import (
	"fmt"
	"slices"
	"strings"
)

// Row is one setting: Int, Uint64, Float, String or Bool make it, and say where its value lies.
type Row struct {
	Key     string   // in files; the flag is --Key, the environment's variable is Variable()
	Help    string   // one sentence for --help
	Group   string   // heading in --help
	Default any      // int, uint64, float64, string or bool
	Methods []string // that have the setting; nil: it stands for every run

	MayChange bool // when a run is resumed, without --allow-change: it does not alter what a run computes
	OfNetwork bool // says what a run's network is and how it sees an image
	OfShape   bool // decides which parameters a run has, and of which shapes
	InPresets bool // every preset must name it
	Bare      bool // its flag may stand without a value, and then means "true"

	at      place
	bounded bool
	lo, hi  float64
	choices []string
	own     func() error
}

// Int is a setting that is a whole number and lies at p.
func Int(key string, p *int, usual int, help string) Row { return row(key, p, usual, help) }

// Uint64 is a setting that is a whole number of at least 0 and lies at p.
func Uint64(key string, p *uint64, usual uint64, help string) Row { return row(key, p, usual, help) }

// Float is a setting that is a number and lies at p.
func Float(key string, p *float64, usual float64, help string) Row { return row(key, p, usual, help) }

// String is a setting that is a text and lies at p.
func String(key string, p *string, usual, help string) Row { return row(key, p, usual, help) }

// Bool is a setting that is true or false and lies at p.
func Bool(key string, p *bool, usual bool, help string) Row { return row(key, p, usual, help) }

func row[T any](key string, p *T, usual T, help string) Row {
	return Row{Key: key, Help: help, Default: usual, InPresets: true, at: pointer[T]{p}}
}

// Within bounds a number.
func (r Row) Within(lo, hi float64) Row {
	r.bounded, r.lo, r.hi = true, lo, hi
	return r
}

// OneOf lists the texts that the setting takes.
func (r Row) OneOf(choices ...string) Row {
	r.choices = choices
	return r
}

// Checked adds a check of the setting's own, which comes after the bounds and choices of all settings.
func (r Row) Checked(check func() error) Row {
	r.own = check
	return r
}

// Auto says in the help what the default, which leaves the setting open, comes to.
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

// Network makes the setting one of those that say what a run's network is and how it sees an image.
func (r Row) Network() Row {
	r.OfNetwork = true
	return r
}

// Shape makes the setting one of those that decide which parameters a run has, and of which shapes.
func (r Row) Shape() Row {
	r.OfShape = true
	return r
}

// Unpreset leaves the setting out of presets: it belongs to a machine, a data set or a run.
func (r Row) Unpreset() Row {
	r.InPresets = false
	return r
}

// MayBeBare lets the flag stand without a value, which then is "true".
func (r Row) MayBeBare() Row {
	r.Bare = true
	return r
}

// Under puts the setting under another heading than its list's.
func (r Row) Under(group string) Row {
	r.Group = group
	return r
}

// Group puts the rows that have no heading yet under this one.
func Group(group string, rows ...Row) []Row {
	for i := range rows {
		if rows[i].Group == "" {
			rows[i].Group = group
		}
	}
	return rows
}

// Variable is the name of the environment's variable that sets the setting, or the flag, of that name.
func Variable(key string) string {
	return "UDML_" + strings.ToUpper(strings.ReplaceAll(key, "-", "_"))
}

// Is says that a run of that method has the setting.
func (r Row) Is(method string) bool { return r.Methods == nil || slices.Contains(r.Methods, method) }

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
