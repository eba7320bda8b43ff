package setting

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Change is a setting that a resumed run has otherwise than before.
type Change struct {
	Name string `json:"name"`
	Was  any    `json:"was"`
	Now  any    `json:"now"`
}

// String is the change for messages.
func (d Change) String() string {
	return fmt.Sprintf("--%s %v differs from the run's %v", d.Name, d.Now, d.Was)
}

// changes lists the settings that matter and that c has otherwise than run, in the order of the fields.
func (c *Config) changes(run Config, matters func(name string) bool) []Change {
	var list []Change
	was, now := reflect.ValueOf(run), reflect.ValueOf(*c)
	for i := range was.NumField() {
		name := settingName(was.Type().Field(i))
		if matters(name) && was.Field(i).Interface() != now.Field(i).Interface() {
			list = append(list, Change{name, was.Field(i).Interface(), now.Field(i).Interface()})
		}
	}
	return list
}

func settingName(f reflect.StructField) string { return f.Tag.Get("yaml") }

// settingNames are the keys of a configuration, in the order of its fields.
func settingNames() []string {
	var names []string
	kind := reflect.TypeFor[Config]()
	for i := range kind.NumField() {
		names = append(names, settingName(kind.Field(i)))
	}
	return names
}

// sentence names all changes; "" without any.
func sentence(list []Change) string {
	var parts []string
	for _, d := range list {
		parts = append(parts, d.String())
	}
	return strings.Join(parts, "; ")
}

// Allowance is the settings that --allow-change lets a resumed run have otherwise.
type Allowance []string

// ParseAllowance reads --allow-change: names of settings, separated by commas.
func ParseAllowance(text string) (Allowance, error) {
	var a Allowance
	for name := range strings.SplitSeq(text, ",") {
		name = strings.TrimPrefix(strings.TrimSpace(name), "--")
		switch {
		case name == "":
		case name == "out":
			return nil, Usage("--allow-change out: a resumed run stays in its folder, which may be moved as a whole")
		case name == "epochs":
			return nil, Usage("--allow-change epochs: --epochs may grow without it, and never shrinks")
		case !slices.Contains(settingNames(), name):
			return nil, Usage("--allow-change %s: no setting of that name can be allowed to change%s", name, suggestion(name, settingNames()))
		default:
			a = append(a, name)
		}
	}
	return a, nil
}

// Has says that the setting may change.
func (a Allowance) Has(name string) bool { return slices.Contains(a, name) }

// netShape are the settings that decide which parameters a run has, and of which shapes.
var netShape = []string{"backbone", "channels", "dim", "clusters", "method"}

// Reshapes: the changes give the run other parameters than its checkpoint holds.
func Reshapes(list []Change) bool {
	return slices.ContainsFunc(list, func(d Change) bool { return slices.Contains(netShape, d.Name) })
}
