package weights

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"udml-gpu/models/tape"
)

// maxWrappers is how deep a network may stand in the modules of a file, as backbone in model in module: more dots in front
// of a parameter's name are not looked behind.
const maxWrappers = 8

// byName maps the names of parameters to the file's tensors.
func (o LoadOptions) byName(params []*tape.Param, f *File) (map[string]*Tensor, error) {
	wrapper := ""
	if o.Published {
		var err error
		if wrapper, err = o.wrapper(params, f); err != nil {
			return nil, err
		}
	}
	byName := make(map[string]*Tensor, len(f.Tensors))
	for i := range f.Tensors {
		t := &f.Tensors[i]
		name := t.Name
		if rest, ok := strings.CutPrefix(name, wrapper); ok {
			name = o.own(rest)
		}
		if first := byName[name]; first != nil {
			return nil, fmt.Errorf("two tensors of the file, %q and %q, would be called %q", first.Name, t.Name, name)
		}
		byName[name] = t
	}
	return byName, nil
}

// own is the parameter's name for a tensor of that name.
func (o LoadOptions) own(name string) string {
	if o.Rename == nil {
		return name
	}
	return o.Rename(name)
}

// wrapper is what stands before the parameters' names in the file, such as "backbone." or "module.encoder.": of all
// beginnings up to a dot the one behind which most parameters are found. The error is that of a network that is there
// twice, such as a teacher and a student.
func (o LoadOptions) wrapper(params []*tape.Param, f *File) (string, error) {
	known := make(map[string]bool, len(params))
	for _, p := range params {
		known[p.Name] = true
	}
	found := map[string]int{}
	for _, t := range f.Tensors {
		for at, dots := 0, 0; dots <= maxWrappers; dots++ {
			if known[o.own(t.Name[at:])] {
				found[t.Name[:at]]++
			}
			dot := strings.IndexByte(t.Name[at:], '.')
			if dot < 0 {
				break
			}
			at += dot + 1
		}
	}
	return best(found, len(params))
}

// best is the beginning with the most parameters, the shorter one of equals.
func best(found map[string]int, params int) (string, error) {
	var list []string
	for beginning := range found {
		list = append(list, beginning)
	}
	slices.SortFunc(list, func(a, b string) int {
		return cmp.Or(cmp.Compare(found[b], found[a]), cmp.Compare(len(a), len(b)), strings.Compare(a, b))
	})
	if len(list) == 0 {
		return "", nil
	}
	if len(list) > 1 && found[list[1]] == params {
		return "", fmt.Errorf("the network is there twice, behind %q and %q; save the one that is wanted alone", list[0], list[1])
	}
	return list[0], nil
}
