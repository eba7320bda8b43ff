package weights

import (
	"fmt"
	"strings"

	"udml-gpu/models/tape"
	"udml-gpu/models/weights/file"
)

// maxWrappers is how many modules may enclose a network in a file, as in model.module.backbone: names with more dots before
// a parameter's name are not searched.
const maxWrappers = 8

// byName maps the names of parameters to the file's tensors.
func (o LoadOptions) byName(params []*tape.Param, f *file.Weights) (map[string]*file.Tensor, error) {
	wrapper := ""
	if o.Published {
		c, err := o.Choose(params, f)
		if err != nil {
			return nil, err
		}
		wrapper = c.Beginning
	}
	byName := make(map[string]*file.Tensor, len(f.Tensors))
	for i := range f.Tensors {
		t := &f.Tensors[i]
		name := t.Name
		if rest, ok := strings.CutPrefix(name, wrapper); ok {
			name = o.paramName(rest)
		}
		if first := byName[name]; first != nil {
			return nil, fmt.Errorf("two tensors of the file, %q and %q, would both be the parameter %q", first.Name, t.Name, name)
		}
		byName[name] = t
	}
	return byName, nil
}

// paramName is the parameter's name for a tensor of that name.
func (o LoadOptions) paramName(name string) string {
	if o.Rename == nil {
		return name
	}
	return o.Rename(name)
}
