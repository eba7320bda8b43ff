package backbone

import (
	"fmt"
	"strconv"
	"strings"
)

// Name is the published name where the spec has one, such as "dinov2_vits14"; with what differs behind it where that is only the grid
// of positions and how it is resized, the head or eps ("clip_vitl14_quickgelu:grid=24"); else the family and all numbers
// ("dinov2:dim=128,depth=3,heads=2,patch=14,grid=37"). ParseSpec reads each.
func (s Spec) Name() string {
	for _, p := range transformers {
		like := p.spec
		like.Grid, like.Out, like.Eps, like.Interp = s.Grid, s.Out, s.Eps, s.Interp
		if like == s {
			return join(p.name, s.differences(p.spec))
		}
	}
	base, numbers := s.base(), []string{}
	for _, o := range options {
		if o.always {
			numbers = append(numbers, o.key+"="+o.get(&s))
		}
	}
	return join(s.Family, append(numbers, s.differences(base)...))
}

func join(name string, texts []string) string {
	if len(texts) == 0 {
		return name
	}
	return name + ":" + strings.Join(texts, ",")
}

// Usual is what the members of a family have where nothing else is said, without the sizes that each has for itself; the zero spec for an
// unknown family.
func Usual(family string) Spec {
	f, err := familyOf(family)
	if err != nil {
		return Spec{}
	}
	return f.usual
}

// base is the usual spec with the sizes of s: what is left out of a text.
func (s Spec) base() Spec {
	u := Usual(s.Family)
	u.Dim, u.Depth, u.Heads, u.Patch = s.Dim, s.Depth, s.Heads, s.Patch
	if s.SwiGLU { // swiglu=true says it
		u.GELU = ""
	}
	return u.filled()
}

// filled derives the MLP's width, where it is not given, from the token's.
func (s Spec) filled() Spec {
	if s.MLP == 0 {
		s.MLP = 4 * s.Dim
	}
	return s
}

// differences are the options by which s differs from base, as text.
func (s Spec) differences(base Spec) []string {
	var texts []string
	for _, o := range options {
		if a, b := o.get(&s), o.get(&base); a != b {
			texts = append(texts, o.key+"="+a)
		}
	}
	return texts
}

// option is a key of a text and its place in a spec.
type option struct {
	key    string
	always bool // Name always gives it after a family's name
	get    func(s *Spec) string
	set    func(s *Spec, text string) error
}

// options are all keys, in the order of Name.
var options = []option{
	number("dim", true, func(s *Spec) *int { return &s.Dim }), number("depth", true, func(s *Spec) *int { return &s.Depth }),
	number("heads", true, func(s *Spec) *int { return &s.Heads }), number("patch", true, func(s *Spec) *int { return &s.Patch }),
	number("registers", false, func(s *Spec) *int { return &s.Registers }),
	number("mlp", false, func(s *Spec) *int { return &s.MLP }), number("grid", false, func(s *Spec) *int { return &s.Grid }),
	number("out", false, func(s *Spec) *int { return &s.Out }), swiGLU,
	word("gelu", func(s *Spec) *string { return &s.GELU }), epsilon,
	word("interp", func(s *Spec) *string { return &s.Interp }),
}

func number(key string, always bool, of func(s *Spec) *int) option {
	return option{key, always, func(s *Spec) string { return strconv.Itoa(*of(s)) }, func(s *Spec, text string) (err error) {
		if *of(s), err = strconv.Atoi(text); err != nil {
			return fmt.Errorf("%s=%.20s is not a whole number", key, text)
		}
		return nil
	}}
}

func word(key string, of func(s *Spec) *string) option {
	return option{key, false, func(s *Spec) string { return *of(s) }, func(s *Spec, text string) error {
		*of(s) = text
		return nil
	}}
}

var swiGLU = option{
	"swiglu", false, func(s *Spec) string { return strconv.FormatBool(s.SwiGLU) },
	func(s *Spec, text string) (err error) {
		if s.SwiGLU, err = strconv.ParseBool(text); err != nil {
			return fmt.Errorf("swiglu=%.20s is neither true nor false", text)
		}
		if s.SwiGLU {
			s.GELU = ""
		}
		return nil
	},
}

var epsilon = option{
	"eps", false, func(s *Spec) string { return strconv.FormatFloat(s.Eps, 'g', -1, 64) },
	func(s *Spec, text string) (err error) {
		if s.Eps, err = strconv.ParseFloat(text, 64); err != nil {
			return fmt.Errorf("eps=%.20s is not a number", text)
		}
		return nil
	},
}
