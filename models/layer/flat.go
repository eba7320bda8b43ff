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
}

func (f *gradients) free() {
	for _, a := range append([]*kernels.Array{f.all}, f.parts...) {
		if a != nil {
			a.Free()
		}
	}
}

// Flatten makes the gradients of the parameters that exist by now views of one array, so that one call adds them over shards. First come
// those of the parameters that shards use (tape.Param.Parts), whose parts become views of one array a shard. What the gradients hold is
// lost: it is called between steps. Programs that were compiled before must be bound again (tape.Arena.Rebind). A parameter that is
// created later has a gradient of its own until the next call.
func (s *Store) Flatten() {
	s.flat.free()
	trained := s.Trained()
	slices.SortStableFunc(trained, func(a, b *tape.Param) int { return min(len(b.Parts), 1) - min(len(a.Parts), 1) })
	n, shards := 0, 0
	s.flat = gradients{}
	for _, p := range trained {
		n += aligned(p.Grad.Len())
		if len(p.Parts) > 0 {
			s.flat.cut, shards = n, max(shards, len(p.Parts))
		}
	}
	s.flat.all = s.dev.New(s.dtype, n)
	for range shards {
		s.flat.parts = append(s.flat.parts, s.dev.New(s.dtype, s.flat.cut))
	}
	at := 0
	for _, p := range trained {
		p.FreeGrad()
		p.Grad = s.flat.all.View(at, p.Grad.Shape()...)
		for i := range p.Parts {
			p.Parts[i] = s.flat.parts[i].View(at, p.Grad.Shape()...)
		}
		at += aligned(p.Grad.Len())
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

func aligned(n int) int { return (n + gradientAlign - 1) / gradientAlign * gradientAlign }
