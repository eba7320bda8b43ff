package weights

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"udml-gpu/models/tape"
	"udml-gpu/models/weights/file"
)

// Part is a place in a file that holds a complete network: a student or a teacher, a query or a key encoder.
type Part struct {
	Name      string // short and unique: a value of LoadOptions.Part
	Beginning string // of the names of its tensors, such as "teacher.backbone."
}

// Choice is the part of a file that a network's parameters are taken from.
type Choice struct {
	Part
	Parts []Part // all places that hold every parameter with its shape, in the file's order
	Why   string // the program whose evaluation uses it; "" where there was no choice
}

// maxParts is the largest number of networks in a file: two or three are usual, an ensemble has ten.
const maxParts = 64

// Choose finds the parameters in f, whose tensors need no elements, behind one beginning of names, up to a dot. Where several places
// hold all of them, it takes the one named by o.Part, or the one that is evaluated by the programs that write such files; it fails
// where neither decides, or where the named part does not exist. Where no place holds all parameters, the choice has no Parts, and
// is the place with the most of them.
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
		return c, fmt.Errorf("the file holds the network %d times: the limit is %d", len(whole), maxParts)
	case o.Part != "":
		return c, c.selectNamed(o.Part, places)
	case len(c.Parts) == 1:
		c.Part = c.Parts[0]
	case len(c.Parts) > 1:
		at, why := evaluatedPart(c.Parts)
		if at < 0 {
			return c, fmt.Errorf("the file holds the network %s, as %s: choose one with --weights-part",
				times(len(c.Parts)), PartNames(c.Parts))
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

// PartNames lists parts for a message.
func PartNames(parts []Part) string {
	var names []string
	for _, p := range parts {
		names = append(names, fmt.Sprintf("%.100q", p.Name))
	}
	return strings.Join(names, " and ")
}

// place is the tensors behind one beginning of names.
type place struct {
	beginning string
	found     map[string]*file.Tensor // by the parameter's name
}

// places are all beginnings, up to a dot, that are followed by a parameter's name, in the file's order.
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
			if name := o.paramName(t.Name[at:]); known[name] {
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

// holds tells whether the place has all params with their shapes.
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

// fullest is the beginning with the most parameters; of equals, the shorter one.
func fullest(places []*place) string {
	return slices.MinFunc(places, func(a, b *place) int {
		return cmp.Or(
			cmp.Compare(len(b.found), len(a.found)),
			cmp.Compare(len(a.beginning), len(b.beginning)),
			strings.Compare(a.beginning, b.beginning),
		)
	}).beginning
}

// noBeginning is the name of the part whose tensors' names have no beginning.
const noBeginning = "."

// NameParts gives each beginning a short name: the first of its words that no other has, or the whole beginning.
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

// count is the number of beginnings that have the word.
func count(beginnings []string, word string) (n int) {
	for _, b := range beginnings {
		if slices.Contains(words(b), word) {
			n++
		}
	}
	return n
}

// words are the names of modules and checkpoint keys in a beginning.
func words(beginning string) []string {
	return strings.FieldsFunc(beginning, func(r rune) bool { return r == '.' })
}

// selectNamed selects the part called want: by its short name, its whole beginning, or some consecutive words of it. Of
// parts that do not hold the whole network, it takes the one that holds the most, so that the error can say what is missing.
func (c *Choice) selectNamed(want string, places []*place) error {
	for _, p := range c.Parts {
		if p.Name == want || strings.TrimSuffix(p.Beginning, ".") == strings.TrimSuffix(want, ".") {
			c.Part = p
			return nil
		}
	}
	fitting := slices.DeleteFunc(slices.Clone(c.Parts), func(p Part) bool { return !within(want, p.Beginning) })
	if len(fitting) > 1 {
		return fmt.Errorf("--weights-part %s fits more than one part: choose %s", want, PartNames(fitting))
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
		return fmt.Errorf("--weights-part %s: no part of the file has this name: choose %s", want, PartNames(c.Parts))
	default:
		return fmt.Errorf("--weights-part %s: no part of the file has this name, and none holds the network", want)
	}
	return nil
}

// within tells whether the words of want are consecutive words of the beginning.
func within(want, beginning string) bool {
	w, b := words(want), words(beginning)
	for at := 0; at+len(w) <= len(b) && len(w) > 0; at++ {
		if slices.Equal(b[at:at+len(w)], w) {
			return true
		}
	}
	return false
}
