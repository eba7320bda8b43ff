package file

import (
	"fmt"
	"strings"

	"udml-gpu/models/weights/file/pickle"
)

// The walk is bounded, because containers in a pickle may contain themselves and each other many times.
const (
	maxDepth   = 32      // of nested containers; state dicts are flat, checkpoints 3 or 4 deep
	maxVisits  = 1 << 20 // of values, tensors or not
	maxTensors = 1 << 16 // the largest networks have some thousand
	maxName    = 1 << 10 // bytes
)

// extraState ends the key of a module's state of any type that is not a parameter (torch.nn.Module.get_extra_state).
const extraState = "_extra_state"

// walk collects tensors from nested containers.
type walk struct {
	found  []namedTensor
	seen   map[string]bool
	visits int
	strict bool // an unreadable value is an error; otherwise it is left out
	except any  // a container that is skipped
}

// visit collects the tensors of value, whose name is name.
func (w *walk) visit(name string, value any, depth int) error {
	if w.visits++; w.visits > maxVisits || depth > maxDepth || len(name) > maxName {
		if !w.strict {
			return nil
		}
		return fmt.Errorf("more than %d values, containers nested deeper than %d, or a name longer than %d, at %.60q",
			maxVisits, maxDepth, maxName, name)
	}
	switch v := value.(type) {
	case *torchTensor:
		return w.add(name, v)
	case *pickle.Dict:
		if w.except != value {
			return w.dict(name, v, depth)
		}
	case *pickle.List:
		return w.items(name, v.Items, depth)
	case pickle.Tuple:
		return w.items(name, v, depth)
	}
	return nil
}

func (w *walk) dict(name string, d *pickle.Dict, depth int) error {
	if err := w.checkDict(name, d); err != nil {
		return err
	}
	for _, key := range d.Keys {
		if !w.strict && w.visits > maxVisits { // a dict may contain itself many times
			return nil
		}
		inner, _ := d.Get(key)
		if err := w.visit(join(name, fmt.Sprint(key)), inner, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// checkDict refuses a state dict that cannot be used as it is: with objects in place of tensors, or tensors without a name.
func (w *walk) checkDict(name string, d *pickle.Dict) error {
	if !w.strict {
		return nil
	}
	w.visits += len(d.Others)
	for _, v := range d.Others {
		if _, ok := v.(*torchTensor); ok {
			return fmt.Errorf("a tensor of the dict %.60q has a key that is neither text nor a number", name)
		}
	}
	if !flat(d) {
		return nil
	}
	for _, key := range d.Keys {
		text, _ := key.(string)
		if strings.HasSuffix(text, extraState) {
			continue
		}
		v, _ := d.Get(key)
		by, object := v.(pickle.Global)
		if s, ok := v.(pickle.Skipped); ok {
			by, object = s.By, true
		}
		if object {
			return fmt.Errorf("%.100q of its state dict is an object (%.100q) and not a tensor; objects are not built: "+
				"save only the model's state_dict()", join(name, fmt.Sprint(key)), by)
		}
	}
	return nil
}

func (w *walk) items(name string, items []any, depth int) error {
	for i, v := range items {
		if !w.strict && w.visits > maxVisits {
			return nil
		}
		if err := w.visit(index(name, i), v, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) add(name string, t *torchTensor) error {
	switch {
	case w.seen[name] && w.strict:
		return fmt.Errorf("two tensors would have the name %q", name)
	case len(w.found) == maxTensors && w.strict:
		return fmt.Errorf("more than %d tensors", maxTensors)
	case w.seen[name] || len(w.found) == maxTensors:
		return nil
	}
	w.seen[name] = true
	w.found = append(w.found, namedTensor{name, t})
	return nil
}
