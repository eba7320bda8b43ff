package backbone

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// maxText bounds a spec's text, which has at most a dozen keys.
const maxText = 400

// ParseSpec reads what Name writes: a published name, or a family, either followed by a colon and KEY=VALUE pairs with commas between
// them. Every number is bounded. It is the error of Check for a spec that no network can have.
func ParseSpec(name string) (Spec, error) {
	if len(name) > maxText {
		return Spec{}, fmt.Errorf("%.40q...: longer than %d characters", name, maxText)
	}
	base, texts, _ := strings.Cut(name, ":")
	s, err := begin(base)
	if err != nil {
		return s, err
	}
	seen := map[string]bool{}
	for text := range strings.SplitSeq(texts, ",") {
		if texts == "" {
			break
		}
		key, value, _ := strings.Cut(text, "=")
		if err := s.apply(key, value, seen[key]); err != nil {
			return s, fmt.Errorf("%s: %w", base, err)
		}
		seen[key] = true
	}
	s = s.filled()
	return s, s.Check()
}

// begin is the spec of a published name, or what all members of a family have.
func begin(base string) (Spec, error) {
	for _, p := range transformers {
		if p.name == base {
			return p.spec, nil
		}
	}
	f, err := familyOf(base)
	if err != nil {
		return Spec{}, err
	}
	return f.usual, nil
}

// apply sets what KEY=VALUE says, which may be said once.
func (s *Spec) apply(key, value string, again bool) error {
	i := slices.IndexFunc(options, func(o option) bool { return o.key == key })
	switch {
	case i < 0:
		var keys []string
		for _, o := range options {
			keys = append(keys, o.key)
		}
		return fmt.Errorf("%.20q is not one of the keys %s", key, strings.Join(keys, ", "))
	case again:
		return fmt.Errorf("%s is given twice", key)
	}
	return options[i].set(s, value)
}

// errNoFamily is wrapped by the error for a name that is neither a published transformer's nor a family's.
var errNoFamily = errors.New("no transformer")

func familyOf(name string) (*family, error) {
	i := slices.IndexFunc(families, func(f *family) bool { return f.usual.Family == name })
	if i < 0 {
		return nil, fmt.Errorf("%w is called %.40q: the families are %s", errNoFamily, name, strings.Join(Families(), ", "))
	}
	return families[i], nil
}

// Families are the families of transformers.
func Families() []string {
	var names []string
	for _, f := range families {
		names = append(names, f.usual.Family)
	}
	return names
}
