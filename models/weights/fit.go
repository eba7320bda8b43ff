package weights

import (
	"fmt"
	"slices"
	"strings"

	"udml-gpu/models/tape"
	"udml-gpu/models/weights/file"
)

// Fit is the result of matching a file's tensors to parameters by name.
type Fit struct {
	Matched int      // parameters whose tensor has the right shape and a floating dtype
	Missing []string // parameters without a tensor
	Differ  []string // parameters whose tensor has another shape or dtype, each with both
	Extra   []string // tensors without a parameter, in order of their names in the file, without torch's counters
}

// Compare tells how f fits params, and changes neither. The result is that of Load, except for AllowExtra.
// The error is for names that the options make equal.
func Compare(params []*tape.Param, f *file.Weights, o LoadOptions) (Fit, error) {
	_, fit, err := o.match(params, f)
	return fit, err
}

// Fitting are the parameters for which f has a tensor with their name and shape.
func Fitting(params []*tape.Param, f *file.Weights) ([]*tape.Param, error) {
	found, _, err := LoadOptions{}.match(params, f)
	var fitting []*tape.Param
	for i, p := range params {
		if t := found[i]; t != nil && slices.Equal(t.Shape, fileShape(p)) && t.Floating() {
			fitting = append(fitting, p)
		}
	}
	return fitting, err
}

// match finds the tensor of each parameter; nil where there is none.
func (o LoadOptions) match(params []*tape.Param, f *file.Weights) ([]*file.Tensor, Fit, error) {
	var fit Fit
	byName, err := o.byName(params, f)
	if err != nil {
		return nil, fit, err
	}
	found := make([]*file.Tensor, len(params))
	for i, param := range params {
		t := byName[param.Name]
		delete(byName, param.Name)
		switch want := fileShape(param); {
		case t == nil:
			fit.Missing = append(fit.Missing, param.Name)
		case !fits(t.Shape, want) || !t.Floating():
			fit.Differ = append(fit.Differ, difference(param.Name, t, want))
		default:
			fit.Matched++
		}
		found[i] = t
	}
	for _, t := range byName {
		if !strings.HasSuffix(t.Name, ".num_batches_tracked") {
			fit.Extra = append(fit.Extra, t.Name)
		}
	}
	slices.Sort(fit.Extra)
	return found, fit, nil
}

// difference describes a tensor that does not fit: the parameter, its name in the file if that differs, what it is and what it should be.
func difference(name string, t *file.Tensor, want []int) string {
	if name != t.Name {
		name += fmt.Sprintf(" (%s in the file)", t.Name)
	}
	return fmt.Sprintf("%s is %s%v, want %v", name, t.DType, t.Shape, want)
}

// err is nil where everything fits; otherwise it names the first few of each kind.
func (f Fit) err() error {
	var parts []string
	for _, k := range []struct {
		kind  string
		names []string
	}{{"missing", f.Missing}, {"of another shape or type", f.Differ}, {"unexpected", f.Extra}} {
		if n := len(k.names); n > 0 {
			some := strings.Join(k.names[:min(3, n)], "; ")
			if n > 3 {
				some += "; ..."
			}
			parts = append(parts, fmt.Sprintf("%d %s (%s)", n, k.kind, some))
		}
	}
	if parts == nil {
		return nil
	}
	return fmt.Errorf("tensors do not fit: %s", strings.Join(parts, ", "))
}
