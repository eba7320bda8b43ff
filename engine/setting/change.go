package setting

import (
	"fmt"
	"slices"
	"strings"

	"udml-gpu/engine/setting/table"
)

// Change is a setting that differs in a resumed run.
type Change struct {
	Name string `json:"name"`
	Was  any    `json:"was"`
	Now  any    `json:"now"`
}

// String is the change for messages.
func (d Change) String() string {
	return fmt.Sprintf("--%s %v differs from the run's %v", d.Name, d.Now, d.Was)
}

// changes lists the settings of c's method that matter and in which c differs from run, in the order of config.yaml.
func (c *Config) changes(run Config, matters func(table.Row) bool) []Change {
	var list []Change
	was := run.rows()
	for i, now := range c.rows() {
		if now.UsedBy(c.Method) && matters(now) && was[i].Value() != now.Value() {
			list = append(list, Change{now.Key, was[i].Value(), now.Value()})
		}
	}
	return list
}

// settingNames are the keys of all settings, in the order of config.yaml.
func settingNames() []string { return table.Keys(Table()) }

// sentence names all changes; "" without any.
func sentence(list []Change) string {
	var parts []string
	for _, d := range list {
		parts = append(parts, d.String())
	}
	return strings.Join(parts, "; ")
}

// Allowance is the settings that --allow-change lets a resumed run change.
type Allowance []string

// ParseAllowance reads --allow-change: names of settings, separated by commas. A name that cannot be allowed is a UsageError.
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
			return nil, Usage("--allow-change %s: there is no setting of that name%s", name, suggestion(name, settingNames()))
		default:
			a = append(a, name)
		}
	}
	return a, nil
}

// Has says whether the setting may change.
func (a Allowance) Has(name string) bool { return slices.Contains(a, name) }

// Reshapes says whether the changes give the run other parameters than its checkpoint holds.
func Reshapes(list []Change) bool {
	return slices.ContainsFunc(list, func(d Change) bool {
		r, _ := table.Find(Table(), d.Name)
		return r.OfShape
	})
}
