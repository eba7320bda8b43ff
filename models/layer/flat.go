package layer

import (
	"slices"

	"udml-gpu/kernels"
	"udml-gpu/models/tape"
)

// gradientAlign is what the offset of each gradient in the flat array is a multiple of, in elements: a line of a processor's cache in
// float32, and more than a vector load of a GPU wants.
const gradientAlign = 16

// gradients is the memory of all gradients.
type gradients struct {
	all   *kernels.Array   // nil before Flatten
	cut   int              // where in all the gradients end that are sums over shards
	parts []*kernels.Array // of these, in the same order: an array for each shard of this process
	order []*tape.Param    // whose gradients are in all
	at    []int            // where in all each begins
}

func (f *gradients) free() {
	for _, a := range append([]*kernels.Array{f.all}, f.parts...) {
		if a != nil {
			a.Free()
		}
	}
}

// Flatten makes the gradients of the parameters that exist by now views of one array, so that one call adds them over shards. First come
// those of the parameters that shards use (tape.Param.Parts), whose parts become views of one array a shard. Those of a row (Scope.Beside)
// lie one behind another. What the gradients hold is lost: it is called between steps. Programs that were compiled before must be bound
// again (tape.Arena.Rebind). A parameter that is created later has a gradient of its own until the next call.
func (s *Store) Flatten() {
	s.flat.free()
	trained := s.Trained()
	slices.SortStableFunc(trained, func(a, b *tape.Param) int { return min(len(b.Parts), 1) - min(len(a.Parts), 1) })
	trained, more := s.inRows(trained)
	n, shards := 0, 0
	s.flat = gradients{order: trained}
	for i, p := range trained {
		s.flat.at = append(s.flat.at, n)
		if n += p.Grad.Len(); !more[i] {
			n = aligned(n)
		}
		if len(p.Parts) > 0 {
			s.flat.cut, shards = n, max(shards, len(p.Parts))
		}
	}
	s.flat.all = s.dev.New(s.dtype, n)
	for range shards {
		s.flat.parts = append(s.flat.parts, s.dev.New(s.dtype, s.flat.cut))
	}
	for i, p := range trained {
		at := s.flat.at[i]
		p.FreeGrad()
		p.Grad = s.flat.all.View(at, p.Grad.Shape()...)
		for k := range p.Parts {
			p.Parts[k] = s.flat.parts[k].View(at, p.Grad.Shape()...)
		}
	}
}

// Gradients is the array that all gradients are views of, with zeros between them; nil before Flatten.
func (s *Store) Gradients() *kernels.Array { return s.flat.all }

// ShardGradients are the gradients that are sums over shards, in one array, and the parts that the shards of this process have computed;
// nil where no parameter is used by shards.
func (s *Store) ShardGradients() (sum *kernels.Array, parts []*kernels.Array) {
	if len(s.flat.parts) == 0 {
		return nil, nil
	}
	return s.flat.all.View(0, s.flat.cut), s.flat.parts
}

// Bucket is some of the parameters whose gradients are sums over shards: the sum of all these gradients, and the parts of each shard of
// this process.
type Bucket struct {
	Params []*tape.Param
	Sum    *kernels.Array
	Parts  []*kernels.Array
}

// ShardBuckets are those of ShardGradients in pieces, from the last parameters to the first: a bucket is closed by the parameter with
// which it has so many bytes; the first, where a backward pass begins, has a limit of its own. Order and sizes of the parameters alone
// decide them.
func (s *Store) ShardBuckets(first, others int) (list []Bucket) {
	if len(s.flat.parts) == 0 {
		return nil
	}
	limit, hi := first, s.flat.cut
	var params []*tape.Param
	for i, p := range slices.Backward(s.flat.order) {
		if len(p.Parts) == 0 {
			continue
		}
		at := s.flat.at[i]
		params = append(params, p)
		if at > 0 && (hi-at)*s.dtype.Size() < limit {
			continue
		}
		b := Bucket{Params: params, Sum: s.flat.all.View(at, hi-at)}
		for _, a := range s.flat.parts {
			b.Parts = append(b.Parts, a.View(at, hi-at))
		}
		list, params, hi, limit = append(list, b), nil, at, others
	}
	return list
}

func aligned(n int) int { return (n + gradientAlign - 1) / gradientAlign * gradientAlign }
