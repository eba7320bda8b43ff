package update

import (
	"fmt"

	"udml-gpu/kernels"
)

// List is parameters with their gradients and moments. On a GPU one launch serves them all: their addresses lie in a table
// there, which is written once. The arrays stay the caller's and must outlive the list.
type List struct {
	params, grads, first, second []*kernels.Array
	rates                        []float64
	table                        *kernels.Array // on a GPU, unless there is nothing to do
	chunks                       int
}

// NewList makes a list of params and grads, parameter and gradient of one shape each, all on one device and of one float type
// (on a GPU: float32). first and second are moments of the same shapes; nil where the optimiser has none. rates are
// factors of the learning rate; nil means 1. Free gives the table back.
func NewList(params, grads, first, second []*kernels.Array, rates []float64) *List {
	l := &List{params: params, grads: grads, first: first, second: second, rates: rates}
	for _, column := range [][]*kernels.Array{grads, first, second} {
		l.wantLike(column)
	}
	if len(grads) != len(params) || rates != nil && len(rates) != len(params) {
		panic(fmt.Sprintf("update.NewList: %d parameters, %d gradients, %d rates", len(params), len(grads), len(rates)))
	}
	if len(params) > 0 && params[0].Device().CUDA() {
		l.writeTable()
	}
	return l
}

// wantLike checks the shapes of a column of the list.
func (l *List) wantLike(column []*kernels.Array) {
	if column == nil {
		return
	}
	if len(column) != len(l.params) {
		panic(fmt.Sprintf("update.NewList: %d parameters, %d of another kind", len(l.params), len(column)))
	}
	for i, a := range column {
		kernels.WantShape("update.NewList", "array", a, l.params[i].Shape()...)
	}
}

// Free gives the table back, not the arrays.
func (l *List) Free() {
	if l.table != nil {
		l.table.Free()
	}
}

// Finite is Finite for parameters and gradients of the list and more arrays, such as the loss. Parameters are looked at too
// because loss and gradients may know nothing of a bad one: behind a bias of -Inf a ReLU gives zeros and passes no gradient.
func (l *List) Finite(skip *kernels.Array, more ...*kernels.Array) {
	wantSkip(skip)
	if skip.Device().CUDA() {
		skip.Zero()
		l.finiteCUDA(skip)
		finiteCUDA(skip, more)
		return
	}
	setSkip(skip, anyBad(l.grads) || anyBad(l.params) || anyBad(more))
}

// SGD is SGD for every parameter, at its rate times the learning rate of numbers (SGDOptions.Numbers), float64 [4] on the list's device,
// which a GPU reads when it comes to it: o.LR is not read. The list needs first moments when Momentum is not 0.
func (l *List) SGD(o SGDOptions, numbers, skip *kernels.Array) {
	wantNumbers("update.List.SGD", numbers)
	if o.Momentum != 0 && l.first == nil && len(l.params) > 0 {
		panic("update.List.SGD: no momentum")
	}
	if l.table != nil {
		l.sgdCUDA(o, numbers, skip)
		return
	}
	if numbers.Device().CUDA() { // and nothing to do
		return
	}
	lr, step := atStep(numbers)
	for i, p := range l.params {
		o.LR = lr * l.rate(i)
		SGD(p, l.grads[i], l.moment(l.first, i), o, step == 1, skip)
	}
}

// AdamW is AdamW for every parameter, with numbers (AdamWOptions.Numbers) as in SGD. The list needs first and second moments.
func (l *List) AdamW(o AdamWOptions, numbers, skip *kernels.Array) {
	wantNumbers("update.List.AdamW", numbers)
	if (l.first == nil || l.second == nil) && len(l.params) > 0 {
		panic("update.List.AdamW: no moments")
	}
	if l.table != nil {
		l.adamWCUDA(o, numbers, skip)
		return
	}
	if numbers.Device().CUDA() { // and nothing to do
		return
	}
	lr, step := atStep(numbers)
	for i, p := range l.params {
		o.LR = lr * l.rate(i)
		AdamW(p, l.grads[i], l.first[i], l.second[i], o, step, skip)
	}
}

func (l *List) rate(i int) float64 {
	if l.rates == nil {
		return 1
	}
	return l.rates[i]
}

// moment is number i of a column that may be missing.
func (l *List) moment(column []*kernels.Array, i int) *kernels.Array {
	if column == nil {
		return nil
	}
	return column[i]
}
