package layer

import (
	"slices"

	"udml-gpu/kernels"
	"udml-gpu/models/tape"
)

// Sibling layers are computed as one where their parameters, and these' gradients, lie one behind another in memory. They stay parameters
// of their own, in files as well.

// row is parameters that lie in a row: those of the same last part of the name, of several layers.
type row struct {
	names  []string
	values []*kernels.Array // views of memory
	memory *kernels.Array
}

// Beside has new parameters called "<layer>.<name>", of so many rows of the shape each, lie one behind another. It comes before they are
// made; where they are there already, it does nothing.
func (s *Scope) Beside(layers []string, name string, rows []int, shape ...int) {
	first := s.path(layers[0] + "." + name)
	if s.Store.rowOf(first) != nil || s.Store.byName[first] != nil {
		return
	}
	total := 0
	for _, n := range rows {
		total += n
	}
	array := s.Store.dev.New
	if s.Store.blank {
		array = s.Store.dev.Outline
	}
	r := &row{memory: array(s.Store.dtype, append([]int{total}, shape...)...)}
	at := 0
	for i, l := range layers {
		r.names = append(r.names, s.path(l+"."+name))
		r.values = append(r.values, r.memory.Rows(at, at+rows[i]))
		at += rows[i]
	}
	s.Store.rows = append(s.Store.rows, r)
}

// rowOf is the row that a parameter of that name lies in; nil: none.
func (s *Store) rowOf(name string) *row {
	for _, r := range s.rows {
		if slices.Contains(r.names, name) {
			return r
		}
	}
	return nil
}

// place is memory for a new parameter of that name: its place in a row, or array's.
func (s *Store) place(name string, array func(kernels.DType, ...int) *kernels.Array, shape []int) *kernels.Array {
	if r := s.rowOf(name); r != nil {
		return r.values[slices.Index(r.names, name)].Reshape(shape...)
	}
	return array(s.dtype, shape...)
}

// inRows is list with the parameters of each row behind the first of them, and whether each is followed by another of its row.
func (s *Store) inRows(list []*tape.Param) (ordered []*tape.Param, more []bool) {
	for _, p := range list {
		r := s.rowOf(p.Name)
		if r == nil {
			ordered, more = append(ordered, p), append(more, false)
			continue
		}
		if slices.Contains(ordered, p) {
			continue
		}
		for _, q := range list {
			if slices.Contains(r.names, q.Name) {
				ordered, more = append(ordered, q), append(more, true)
			}
		}
		more[len(more)-1] = false
	}
	return ordered, more
}

// asOne calls f with the arrays of list as one. Where they do not lie one behind another, that is a copy of them if read is set, and is
// copied back to them if write is. Where one of them is nil, so is what f gets.
func asOne(list []*kernels.Array, read, write bool, f func(all *kernels.Array)) {
	if slices.Contains(list, nil) {
		f(nil)
		return
	}
	if all := kernels.Adjacent(list...); all != nil {
		f(all)
		return
	}
	n := 0
	for _, a := range list {
		n += a.Len()
	}
	all := list[0].Device().Scratch(list[0].DType(), n)
	defer all.Free()
	each := func(f func(part, own *kernels.Array)) {
		at := 0
		for _, a := range list {
			f(all.View(at, a.Shape()...), a)
			at += a.Len()
		}
	}
	if read {
		each(func(part, own *kernels.Array) { part.CopyFrom(own) })
	}
	f(all)
	if write {
		each(func(part, own *kernels.Array) { own.CopyFrom(part) })
	}
}

// gradsOf are where the gradients of inputs first to first+n-1 go.
func gradsOf(b *tape.Back, first, n int) []*kernels.Array {
	list := make([]*kernels.Array, n)
	for i := range list {
		list[i] = b.Grad(first + i)
	}
	return list
}
