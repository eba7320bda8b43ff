package layer

import "udml-gpu/kernels"

// gradientAlign is what the offset of each gradient in the flat array is a multiple of, in elements: a line of a processor's cache in
// float32, and more than a vector load of a GPU wants.
const gradientAlign = 16

// Flatten makes the gradients of the parameters that exist by now views of one array, so that one call adds them over devices or
// hosts. What the gradients hold is lost: it is called between steps. Programs that were compiled before must be bound again
// (tape.Arena.Rebind). A parameter that is created later has a gradient of its own until the next call.
func (s *Store) Flatten() {
	n := 0
	for _, p := range s.params {
		if p.Grad != nil {
			n += aligned(p.Grad.Len())
		}
	}
	flat, at := s.dev.New(s.dtype, n), 0
	for _, p := range s.params {
		if p.Grad == nil {
			continue
		}
		p.Grad.Free()
		p.Grad = flat.View(at, p.Grad.Shape()...)
		at += aligned(p.Grad.Len())
	}
	if s.flat != nil {
		s.flat.Free()
	}
	s.flat = flat
}

// Gradients is the array that all gradients are views of, in order of creation, with zeros between them; nil before Flatten.
func (s *Store) Gradients() *kernels.Array { return s.flat }

func aligned(n int) int { return (n + gradientAlign - 1) / gradientAlign * gradientAlign }
