package norm

import "udml-gpu/kernels"

// Columns are columns [At, At+C) of an array [..., W]: some of the channels of a batch norm whose input, or output, lies in several arrays.
type Columns struct {
	*kernels.Array
	At, C int
}

// Whole are all columns of an array; none of nil.
func Whole(a *kernels.Array) []Columns {
	if a == nil {
		return nil
	}
	return []Columns{{a, 0, channels("norm.Whole", a)}}
}

// width is W.
func (c Columns) width() int { return c.Dim(len(c.Shape()) - 1) }

// rows is the number of rows.
func (c Columns) rows() int { return c.Len() / c.width() }

// mostColumns is how many arrays a batch norm may be over.
const mostColumns = 4

// total is the number of channels of all.
func total(list []Columns) (c int) {
	for _, l := range list {
		c += l.C
	}
	return c
}

// wantColumns checks that list splits the channels as x does, with as many rows.
func wantColumns(op, name string, list, x []Columns) {
	if len(list) != len(x) || len(x) == 0 || len(x) > mostColumns {
		panic(op + ": " + name + " and x are not the same 1 to 4 arrays")
	}
	for i, l := range list {
		if l.C != x[i].C || l.C < 1 || l.At < 0 || l.At+l.C > l.width() || l.rows() != x[0].rows() {
			panic(op + ": columns of " + name + " in " + l.String() + " are not like those of x in " + x[i].String())
		}
	}
}

// inArrays are the same columns of the arrays that f gives for those of list; none of nil.
func inArrays(list []Columns, f func(*kernels.Array) *kernels.Array) (others []Columns) {
	for _, l := range list {
		others = append(others, Columns{f(l.Array), l.At, l.C})
	}
	return others
}

// arraysOf are the arrays of lists.
func arraysOf(lists ...[]Columns) (all []*kernels.Array) {
	for _, list := range lists {
		for _, l := range list {
			all = append(all, l.Array)
		}
	}
	return all
}
