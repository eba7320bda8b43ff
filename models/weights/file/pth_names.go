package file

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"udml-gpu/models/weights/file/pickle"
)

// wrappers are the keys under which checkpoints of common training programs keep the state dict.
var wrappers = []string{"state_dict", "model_state_dict", "model"}

// DataParallel is the beginning of every name where the model was wrapped in torch's DataParallel.
const DataParallel = "module."

type namedTensor struct {
	name   string
	tensor *torchTensor
}

// foundTensors is the tensors of a checkpoint by their full names. main is the beginning of the names in its state dict, "" where it
// has no state dict of a known name.
type foundTensors struct {
	main    string
	tensors []namedTensor
}

// findTensors finds the tensors of value. Faults within the state dict are errors; elsewhere, unreadable values are left out.
func findTensors(value any, skipped *objects) (foundTensors, error) {
	switch v := value.(type) {
	case *torchTensor:
		return foundTensors{}, errors.New("it holds one tensor without a name; a dict of tensors is expected")
	case pickle.Skipped:
		return foundTensors{}, fmt.Errorf("it holds a whole object (%.100q), which is not built, and nothing was run: "+
			"save the model's state_dict() instead", v.By)
	}
	keys, inner := stateDict(value)
	state := &walk{seen: map[string]bool{}, strict: true}
	if err := state.visit("", inner, 0); err != nil {
		return foundTensors{}, err
	}
	if len(keys) == 0 {
		return foundTensors{tensors: state.found}, noTensors(state.found, skipped)
	}
	main := strings.Join(keys, ".") + "."
	all := &walk{seen: map[string]bool{}, except: inner}
	for _, n := range state.found {
		if err := all.add(main+n.name, n.tensor); err != nil {
			return foundTensors{}, err
		}
	}
	if err := all.visit("", value, 0); err != nil {
		return foundTensors{}, err
	}
	if len(state.found) == 0 {
		main = ""
	}
	return foundTensors{main, all.found}, noTensors(all.found, skipped)
}

func noTensors(found []namedTensor, skipped *objects) error {
	switch {
	case len(found) > 0:
		return nil
	case skipped != nil && len(skipped.names) > 0:
		return fmt.Errorf("it holds no tensors outside of objects that are not built (%q): save the model's state_dict() instead",
			skipped.names[:min(3, len(skipped.names))])
	}
	return errors.New("it holds no tensors")
}

// stateDict is the state dict that value holds under some of the wrappers, and their keys from the outermost inwards: none where
// value has tensors of its own.
func stateDict(value any) (keys []string, inner any) {
	for len(keys) < maxDepth {
		key, next := wrapped(value)
		if next == nil {
			break
		}
		keys, value = append(keys, key), next
	}
	return keys, value
}

// wrapped is the dict that value holds under one of the wrappers; nil where value has tensors of its own.
func wrapped(value any) (key string, inner any) {
	d, ok := value.(*pickle.Dict)
	if !ok || holdsTensor(d) {
		return "", nil
	}
	for _, key := range wrappers {
		if v, _ := d.Get(key); v != nil {
			if inner, ok := v.(*pickle.Dict); ok && len(inner.Keys) > 0 {
				return key, inner
			}
		}
	}
	return "", nil
}

func holdsTensor(d *pickle.Dict) bool {
	for _, key := range d.Keys {
		v, _ := d.Get(key)
		if _, ok := v.(*torchTensor); ok {
			return true
		}
	}
	return false
}

// flat tells whether d is a state dict: it holds tensors and no dicts.
func flat(d *pickle.Dict) bool {
	for _, key := range d.Keys {
		v, _ := d.Get(key)
		if _, ok := v.(*pickle.Dict); ok {
			return false
		}
	}
	return holdsTensor(d)
}

// unwrapParallel drops the beginning that DataParallel puts before all names.
func unwrapParallel(tensors []Tensor) {
	for _, t := range tensors {
		if !strings.HasPrefix(t.Name, DataParallel) {
			return
		}
	}
	for i := range tensors {
		tensors[i].Name = tensors[i].Name[len(DataParallel):]
	}
}

func join(outer, inner string) string {
	if outer == "" {
		return inner
	}
	return outer + "." + inner
}

func index(outer string, i int) string { return join(outer, strconv.Itoa(i)) }
