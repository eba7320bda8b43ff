package weights

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"udml-gpu/models/tape"
	"udml-gpu/models/weights/file"
)

// Part is a place in a file where a network lies whole: a student or a teacher, a query or a key encoder.
type Part struct {
	Name      string // short, and no other part's: what LoadOptions.Part takes
	Beginning string // of the names of its tensors, such as "teacher.backbone."
}

// Choice is the part of a file that a network's parameters are taken from.
type Choice struct {
	Part
	Parts []Part // all that hold the parameters with their shapes, in the file's order
	Why   string // whose evaluation takes it; "" where nobody had to choose
}

// maxParts is how many networks a file may hold: two or three are usual, an ensemble has ten.
const maxParts = 64

// Choose finds where in f, whose tensors need no elements, the parameters lie: behind one beginning of names, up to a dot. Where
// they lie whole more than once, it is the one that o.Part names, or that the programs which write such files evaluate; the
// error is that of a file of neither kind, and of a part that is not there. Without a place that holds all parameters, the
// choice has no Parts, and is where most of them are found.
func (o LoadOptions) Choose(params []*tape.Param, f *file.Weights) (Choice, error) {
	places := o.places(params, f)
	var whole []string
	for _, p := range places {
		if p.holds(params) {
			whole = append(whole, p.beginning)
		}
	}
	c := Choice{Parts: NameParts(whole[:min(len(whole), maxParts)])}
	switch {
	case len(whole) > maxParts:
		return c, fmt.Errorf("the network is there %d times, more than the %d that can be told apart", len(whole), maxParts)
	case o.Part != "":
		return c, c.named(o.Part, places)
	case len(c.Parts) == 1:
		c.Part = c.Parts[0]
	case len(c.Parts) > 1:
		at, why := evaluated(c.Parts)
		if at < 0 {
			return c, fmt.Errorf("the network is there %s, as %s: choose one with --weights-part", times(len(c.Parts)), PartNames(c.Parts))
		}
		c.Part, c.Why = c.Parts[at], why
	case len(places) > 0:
		c.Beginning = fullest(places)
	}
	return c, nil
}

func times(n int) string {
	if n == 2 {
		return "twice"
	}
	return fmt.Sprintf("%d times", n)
}

// partNames lists parts for a sentence.
func PartNames(parts []Part) string {
	var names []string
	for _, p := range parts {
		names = append(names, fmt.Sprintf("%.100q", p.Name))
	}
	return strings.Join(names, " and ")
}

// place is what lies behind one beginning of names.
type place struct {
	beginning string
	found     map[string]*file.Tensor // by the parameter's name
}

// places are all beginnings, up to a dot, behind which a parameter's name stands, in the file's order.
func (o LoadOptions) places(params []*tape.Param, f *file.Weights) []*place {
	known := make(map[string]bool, len(params))
	for _, p := range params {
		known[p.Name] = true
	}
	var list []*place
	byBeginning := map[string]*place{}
	for i := range f.Tensors {
		t := &f.Tensors[i]
		for at, dots := 0, 0; dots <= maxWrappers; dots++ {
			if name := o.own(t.Name[at:]); known[name] {
				p := byBeginning[t.Name[:at]]
				if p == nil {
					p = &place{t.Name[:at], map[string]*file.Tensor{}}
					list, byBeginning[p.beginning] = append(list, p), p
				}
				p.found[name] = t
			}
			dot := strings.IndexByte(t.Name[at:], '.')
			if dot < 0 {
				break
			}
			at += dot + 1
		}
	}
	return list
}

// holds reports whether all params are there, of their shapes.
func (p *place) holds(params []*tape.Param) bool {
	if len(p.found) < len(params) {
		return false
	}
	for _, param := range params {
		t := p.found[param.Name]
		if t == nil || !fits(t.Shape, fileShape(param)) || !t.Floating() {
			return false
		}
	}
	return true
}

// fullest is the beginning with the most parameters, the shorter one of equals.
func fullest(places []*place) string {
	return slices.MinFunc(places, func(a, b *place) int {
		return cmp.Or(
			cmp.Compare(len(b.found), len(a.found)),
			cmp.Compare(len(a.beginning), len(b.beginning)),
			strings.Compare(a.beginning, b.beginning),
		)
	}).beginning
}

// noBeginning is the name of the part whose tensors have nothing before their names.
const noBeginning = "."

// NameParts gives each beginning a short name: the first of its words that no other has, or all of it.
func NameParts(beginnings []string) []Part {
	var parts []Part
	for _, b := range beginnings {
		name := strings.TrimSuffix(b, ".")
		if name == "" {
			name = noBeginning
		}
		for _, word := range words(b) {
			if word+"." != file.DataParallel && count(beginnings, word) == 1 {
				name = word
				break
			}
		}
		parts = append(parts, Part{name, b})
	}
	return parts
}

// count is how many of the beginnings have the word.
func count(beginnings []string, word string) (n int) {
	for _, b := range beginnings {
		if slices.Contains(words(b), word) {
			n++
		}
	}
	return n
}

// words are the names of modules and of a checkpoint's keys that a beginning is made of.
func words(beginning string) []string {
	return strings.FieldsFunc(beginning, func(r rune) bool { return r == '.' })
}

// named takes the part that is called want: by its short name, its whole beginning or some words of it, in their order. Of
// parts that do not hold the network whole, the one that holds the most is taken, so that what it lacks can be told.
func (c *Choice) named(want string, places []*place) error {
	for _, p := range c.Parts {
		if p.Name == want || strings.TrimSuffix(p.Beginning, ".") == strings.TrimSuffix(want, ".") {
			c.Part = p
			return nil
		}
	}
	fitting := slices.DeleteFunc(slices.Clone(c.Parts), func(p Part) bool { return !within(want, p.Beginning) })
	if len(fitting) > 1 {
		return fmt.Errorf("--weights-part %s is said of more than one part: choose %s", want, PartNames(fitting))
	}
	if len(fitting) == 1 {
		c.Part = fitting[0]
		return nil
	}
	some := slices.DeleteFunc(slices.Clone(places), func(p *place) bool { return !within(want, p.beginning) })
	switch {
	case len(some) > 0:
		c.Part, c.Parts = Part{want, fullest(some)}, nil
	case len(c.Parts) > 0:
		return fmt.Errorf("--weights-part %s: no part of it is called so; there is %s", want, PartNames(c.Parts))
	default:
		return fmt.Errorf("--weights-part %s: no part of it is called so, and none holds the network", want)
	}
	return nil
}

// within reports whether the words of want stand in the beginning, side by side.
func within(want, beginning string) bool {
	w, b := words(want), words(beginning)
	for at := 0; at+len(w) <= len(b) && len(w) > 0; at++ {
		if slices.Equal(b[at:at+len(w)], w) {
			return true
		}
	}
	return false
}
