package setting

import (
	"fmt"
	"strings"

	"udml-gpu/engine/setting/table"
)

// Unused are sentences about settings that a flag, the environment or the settings file sets and that the run's method does not have.
// Values of a preset are left out: they are for the preset's own method.
func (l *Layers) Unused() []string {
	var list []string
	for _, o := range []Origin{FromFlag, FromEnvironment, FromFile} {
		var names []string
		for _, r := range l.Config.rows() {
			if l.from[r.Key] == o && !r.UsedBy(l.Config.Method) {
				names = append(names, l.spelled(r.Key, o))
			}
		}
		if len(names) > 0 {
			list = append(list, l.unused(names, o))
		}
	}
	return list
}

// spelled is the name of the setting in o.
func (l *Layers) spelled(key string, o Origin) string {
	switch o {
	case FromFlag:
		return "--" + key
	case FromEnvironment:
		return table.Variable(key)
	}
	return key
}

func (l *Layers) unused(names []string, o Origin) string {
	last := len(names) - 1
	text, have, them := names[last], "has", "it"
	if last > 0 {
		text, have, them = strings.Join(names[:last], ", ")+" and "+text, "have", "them"
	}
	if o == FromFile {
		text += " in " + l.path
	}
	return fmt.Sprintf("%s %s no effect: --method %s does not use %s", text, have, l.Config.Method, them)
}
