package weights

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"udml-gpu/models/weights/pickle"
)

// What is walked through is bounded, because containers in a pickle may hold themselves and each other many times over.
const (
	maxDepth   = 32      // of containers in each other; state dicts are flat, checkpoints 3 or 4 deep
	maxVisits  = 1 << 20 // of values, tensors or not
	maxTensors = 1 << 16 // the largest networks have some thousand
	maxName    = 1 << 10 // bytes
)

// wrappers are the keys under which checkpoints of common training programs hold the state dict.
var wrappers = []string{"state_dict", "model_state_dict", "model"}

// parallel stands before each name where the model was wrapped in torch's DataParallel.
const parallel = "module."

type namedTensor struct {
	name   string
	tensor *torchTensor
}

// stateDict is the tensors of value by dotted name: those of the wrapped state dict where value is a checkpoint.
func stateDict(value any) ([]namedTensor, error) {
	if _, ok := value.(*torchTensor); ok {
		return nil, errors.New("it holds one tensor without a name; a dict of tensors is expected")
	}
	for range maxDepth {
		inner := wrapped(value)
		if inner == nil {
			break
		}
		value = inner
	}
	w := &walk{seen: map[string]bool{}}
	if err := w.visit("", value, 0); err != nil {
		return nil, err
	}
	if len(w.found) == 0 {
		return nil, errors.New("it holds no tensors")
	}
	w.unwrapParallel()
	return w.found, nil
}

// wrapped is the dict that value holds under one of the wrappers, nil where value has tensors of its own.
func wrapped(value any) any {
	d, ok := value.(*pickle.Dict)
	if !ok || hasTensor(d) {
		return nil
	}
	for _, key := range wrappers {
		if v, _ := d.Get(key); v != nil {
			if inner, ok := v.(*pickle.Dict); ok && len(inner.Keys) > 0 {
				return inner
			}
		}
	}
	return nil
}

func hasTensor(d *pickle.Dict) bool {
	for _, key := range d.Keys {
		v, _ := d.Get(key)
		if _, ok := v.(*torchTensor); ok {
			return true
		}
	}
	return false
}

// walk collects tensors from nested containers.
type walk struct {
	found  []namedTensor
	seen   map[string]bool
	visits int
}

func (w *walk) visit(name string, value any, depth int) error {
	if w.visits++; w.visits > maxVisits || depth > maxDepth || len(name) > maxName {
		return fmt.Errorf("more than %d values, containers nested deeper than %d, or a name longer than %d, at %.60q", maxVisits, maxDepth, maxName, name)
	}
	switch v := value.(type) {
	case *torchTensor:
		return w.add(name, v)
	case *pickle.Dict:
		for _, key := range v.Keys {
			inner, _ := v.Get(key)
			if err := w.visit(join(name, fmt.Sprint(key)), inner, depth+1); err != nil {
				return err
			}
		}
	case *pickle.List:
		return w.items(name, v.Items, depth)
	case pickle.Tuple:
		return w.items(name, v, depth)
	}
	return nil
}

func (w *walk) items(name string, items []any, depth int) error {
	for i, v := range items {
		if err := w.visit(join(name, strconv.Itoa(i)), v, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) add(name string, t *torchTensor) error {
	if w.seen[name] {
		return fmt.Errorf("two tensors would be called %q", name)
	}
	if len(w.found) == maxTensors {
		return fmt.Errorf("more than %d tensors", maxTensors)
	}
	w.seen[name] = true
	w.found = append(w.found, namedTensor{name, t})
	return nil
}

func (w *walk) unwrapParallel() {
	for _, n := range w.found {
		if !strings.HasPrefix(n.name, parallel) {
			return
		}
	}
	for i := range w.found {
		w.found[i].name = w.found[i].name[len(parallel):]
	}
}

func join(outer, inner string) string {
	if outer == "" {
		return inner
	}
	return outer + "." + inner
}
