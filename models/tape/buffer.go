package tape

import (
	"cmp"
	"slices"

	"udml-gpu/kernels"
)

// buffer is a stretch of the arena, and when it is used.
type buffer struct {
	bytes, offset int
	lives         []life // in order; more than one for a value that is computed again
}

// life is the steps first to last, both included.
type life struct{ first, last int }

func (a life) meets(b life) bool { return a.first <= b.last && b.first <= a.last }

func (b *buffer) last() int { return b.lives[len(b.lives)-1].last }

// touch lets the last life go on until that step.
func (b *buffer) touch(at int) {
	l := &b.lives[len(b.lives)-1]
	l.last = max(l.last, at)
}

// meets says whether both are used at the same time.
func (b *buffer) meets(c *buffer) bool {
	for _, x := range b.lives {
		for _, y := range c.lives {
			if x.meets(y) {
				return true
			}
		}
	}
	return false
}

// join adds the lives of c; lives that touch become one.
func (b *buffer) join(c *buffer) {
	all := slices.Concat(b.lives, c.lives)
	slices.SortFunc(all, func(x, y life) int { return cmp.Compare(x.first, y.first) })
	b.lives = nil
	for _, l := range all {
		if n := len(b.lives); n > 0 && b.lives[n-1].meets(l) {
			b.touch(l.last)
			continue
		}
		b.lives = append(b.lives, l)
	}
}

func (p *plan) newBuffer(bytes, at int) *buffer {
	b := &buffer{bytes: bytes, lives: []life{{at, at}}}
	p.buffers = append(p.buffers, b)
	return b
}

// pack gives buffers offsets: the largest first, each at the lowest place that is free during its lives
// ("greedy by size", Pisarchyk and Lee, "Efficient memory management for deep neural net inference", 2020).
func (p *plan) pack() {
	order := slices.Clone(p.buffers)
	slices.SortStableFunc(order, func(a, b *buffer) int { return cmp.Compare(b.bytes, a.bytes) })
	var placed []*buffer // by offset
	for _, b := range order {
		at := 0
		for _, q := range placed {
			if q.offset+q.bytes <= at || !q.meets(b) {
				continue
			}
			if q.offset >= at+b.bytes {
				break
			}
			at = max(at, align(q.offset+q.bytes))
		}
		b.offset = at
		i, _ := slices.BinarySearchFunc(placed, at, func(q *buffer, o int) int { return cmp.Compare(q.offset, o) })
		placed = slices.Insert(placed, i, b)
		p.bytes = max(p.bytes, at+b.bytes)
	}
}

// align rounds up to a cache line, which is also the alignment that vector loads on a GPU need.
func align(n int) int { return (n + 63) &^ 63 }

// place is the array of a var's root buffer under the var's own shape.
func (b *buffer) place(arena *kernels.Array, v *Var) *kernels.Array {
	return arena.Carve(v.dtype, b.offset, v.shape...)
}
