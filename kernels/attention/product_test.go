package attention

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
)

// layout is a shape and where its operands lie: in one array, as the layers of transformers have them, whose rows GPUs copy whole where
// heads have a multiple of 8 columns; or, for odd strides, queries alone and the others beside a column that is nobody's.
type layout struct {
	shape
	together bool
}

// layouts have, of the tiles of 64 rows and the steps of 16 within them, the edges, and heads of every width.
func layouts() []layout {
	var list []layout
	for _, s := range shapes {
		if s.images > 0 {
			list = append(list, layout{s, false})
		}
	}
	for _, s := range []shape{
		{1, 5, 5, 2, 8, 1},
		{1, 66, 66, 1, 8, 1},
		{2, 16, 16, 1, 24, 1},
		{1, 17, 17, 1, 64, 1},
		{1, 80, 80, 1, 40, 1},
		{1, 65, 65, 1, 96, 1},
		{1, 33, 33, 1, 128, 1},
		{1, 129, 129, 1, 128, 1},
		{2, 197, 197, 2, 64, 1},
		{1, 70, 70, 2, 12, 2},
	} {
		list = append(list, layout{s, true})
	}
	return list
}

// own is the number of arrays of the operands.
func (l layout) own() int {
	if l.together {
		return 1
	}
	return 2
}

func (l layout) operands(a arrays) (q, k, v Operand) {
	if l.together {
		return Operand{a[0], 0}, Operand{a[0], l.width()}, Operand{a[0], 2 * l.width()}
	}
	k, v = l.keysAndValues(a[1])
	return Operand{Array: a[0]}, k, v
}

// TestStoredProducts holds each element of bfloat16's y, dq, dk and dv to what rounding makes of it: the result once, and on GPUs also
// probabilities and the gradients of logits, which are factors there; what is rounded twice is off by a little more than by each.
func TestStoredProducts(t *testing.T) {
	for _, l := range layouts() {
		parity.Run(t, l.products())
	}
}

// products has the log sums exact to float32 and in none of the bounds: y is not computed from the ones that are stored.
func (l layout) products() parity.Case {
	in, gradients := l.in(), tensors{output(l.images, l.queries, l.width()), output(l.images, l.keys, 2*l.width()+1)}
	if l.together {
		all := 3 * l.width()
		in = tensors{floats(1, l.reach, l.images, l.queries, all)}
		gradients = tensors{output(l.images, l.queries, all)}
	}
	n := l.own()
	y, lse := l.answer(in)
	in = append(in, floats(3, 1, l.images, l.queries, l.width()), y, lse)
	c := parity.Case{
		Name: fmt.Sprint(l.String(), map[bool]string{true: " together"}[l.together]), Large: l.large(),
		In: in, Out: append(l.out(), gradients...),
		Run: func(out, in arrays) {
			q, k, v := l.operands(in)
			dq, dk, dv := l.operands(out[2:])
			Forward(out[0], out[1], q, k, v, l.spec())
			Backward(dq, dk, dv, in[n], in[n+1], in[n+2], q, k, v, l.spec())
		},
		Check: l.check,
	}
	return c.Stored(parity.UpTo(n+2), append([]int{0}, parity.UpTo(2 + n)[2:]...))
}

func (l layout) check(t testing.TB, in, want, got arrays) {
	t.Helper()
	optest.Near(t, "lse", got[1], want[1], l.forwardBound()*max(1, l.reach))
	sizes := l.sizes(in)
	of := func(a arrays, y *kernels.Array) map[string]matrix[float64] {
		q, k, v := l.operands(a)
		return map[string]matrix[float64]{"y": wide(Operand{Array: y}), "dq": wide(q), "dk": wide(k), "dv": wide(v)}
	}
	g, w := of(got[2:], got[0]), of(want[2:], want[0])
	if !l.together {
		l.untouched(t, got[3])
	}
	for _, name := range []string{"y", "dq", "dk", "dv"} {
		size, rows := sizes[name], l.queries
		if name == "dk" || name == "dv" {
			rows = l.keys
		}
		bound := l.singleBound() * slices.Max(size)
		for i := range l.images * rows * l.width() {
			r, c := i/l.width(), i%l.width()
			x, exact := g[name].from(r, c)[0], w[name].from(r, c)[0]
			if allowed := (1+0x1p-7)*parity.StoredBound*(size[i]+math.Abs(exact)) + bound; !(math.Abs(x-exact) <= allowed) {
				t.Fatalf("%s, row %d, column %d: %g, want %g, off by %.2g of %.2g", name, r, c, x, exact, math.Abs(x-exact), allowed)
			}
		}
	}
}

// untouched: the column that is nobody's is as it was.
func (l layout) untouched(t testing.TB, dkv *kernels.Array) {
	t.Helper()
	numbers := parity.Numbers(dkv)
	for i := 0; i < len(numbers); i += 2*l.width() + 1 {
		if !math.IsNaN(numbers[i]) {
			t.Fatalf("the column of no operand is %g", numbers[i])
		}
	}
}

// singleBound is the contract's of gradients in float32, of the largest sum of absolute values; Forward's is less.
func (l layout) singleBound() float64 {
	return (float64(4*l.dim+80)*math.Max(1, l.logit()+math.Log(float64(l.keys))) + float64(l.queries+l.keys+200)) * 0x1p-24
}

// sizes are the sums of the absolute values of the terms of each element, [N,rows,D] each.
func (l layout) sizes(in arrays) map[string][]float64 {
	own, outs := l.own(), l.images*l.queries*l.width()
	qo, ko, vo := l.operands(in)
	q, k, v, dy, y := wide(qo), wide(ko), wide(vo), wide(Operand{Array: in[own]}), wide(Operand{Array: in[own+1]})
	lse, d := parity.Numbers(in[own+2]), l.dim
	sizes := map[string][]float64{"y": make([]float64, outs), "dq": make([]float64, outs)}
	for _, name := range []string{"dk", "dv"} {
		sizes[name] = make([]float64, l.images*l.keys*l.width())
	}
	for at := range l.images * l.heads * l.queries {
		t, h, n := at%l.queries, at/l.queries%l.heads, at/l.queries/l.heads
		row := n*l.queries + t
		query, dOut, out := q.from(row, h*d)[:d], dy.from(row, h*d)[:d], y.from(row, h*d)[:d]
		for u := range l.keys {
			from := n*l.keys + u
			key, value := k.from(from, h*d)[:d], v.from(from, h*d)[:d]
			logit, ds := 0.0, 0.0
			for c := range d {
				logit += query[c] * key[c]
				ds += math.Abs(dOut[c]*value[c]) + math.Abs(dOut[c]*out[c])
			}
			scale := 1 / math.Sqrt(float64(d))
			p := math.Exp(logit*scale - lse[at])
			ds *= p * scale
			to, at := row*l.width()+h*d, from*l.width()+h*d
			for c := range d {
				sizes["y"][to+c] += p * math.Abs(value[c])
				sizes["dq"][to+c] += ds * math.Abs(key[c])
				sizes["dk"][at+c] += ds * math.Abs(query[c])
				sizes["dv"][at+c] += p * math.Abs(dOut[c])
			}
		}
	}
	return sizes
}
