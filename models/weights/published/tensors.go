package published

import (
	"fmt"
	"slices"

	"udml-gpu/models/weights/file"
)

// stack joins tensors of equal dtype and row along their first axis. Without elements in one of them the result has none.
func stack(parts ...*file.Tensor) (*file.Tensor, error) {
	first := parts[0]
	joined := &file.Tensor{Name: first.Name, DType: first.DType, Shape: slices.Clone(first.Shape)}
	joined.Shape[0] = 0
	for _, t := range parts {
		if t.DType != first.DType || len(t.Shape) == 0 || !slices.Equal(t.Shape[1:], first.Shape[1:]) {
			return nil, fmt.Errorf("%s is %s%v and %s is %s%v: they cannot be joined", first.Name, first.DType, first.Shape, t.Name,
				t.DType, t.Shape)
		}
		joined.Shape[0] += t.Shape[0]
		joined.Data = append(joined.Data, t.Data...)
	}
	return joined, nil
}

// rows are rows [from,to) of t, which has total of them; their elements are shared.
func rows(t *file.Tensor, from, to, total int) (*file.Tensor, error) {
	if len(t.Shape) == 0 || t.Shape[0] != total {
		return nil, fmt.Errorf("%s is %s%v, want %d rows", t.Name, t.DType, t.Shape, total)
	}
	part := *t
	part.Shape = slices.Clone(t.Shape)
	part.Shape[0] = to - from
	if size := len(t.Data) / max(1, total); size > 0 {
		part.Data = t.Data[from*size : to*size]
	}
	return &part, nil
}

// zeros is a tensor of 0 of t's dtype; without elements where t has none.
func zeros(t *file.Tensor, shape ...int) *file.Tensor {
	z := &file.Tensor{Name: t.Name, DType: t.DType, Shape: shape}
	if len(t.Data) > 0 {
		z.Data = make([]byte, len(t.Data)/product(t.Shape)*product(shape))
	}
	return z
}

// transposed is the matrix t with its axes exchanged.
func transposed(t *file.Tensor) (*file.Tensor, error) {
	if len(t.Shape) != 2 {
		return nil, fmt.Errorf("%s is %s%v, want a matrix", t.Name, t.DType, t.Shape)
	}
	r, c := t.Shape[0], t.Shape[1]
	turned := &file.Tensor{Name: t.Name, DType: t.DType, Shape: []int{c, r}, Data: slices.Clone(t.Data)}
	if len(t.Data) == 0 {
		return turned, nil
	}
	size := len(t.Data) / (r * c)
	for i := range r {
		for j := range c {
			copy(turned.Data[(j*r+i)*size:][:size], t.Data[(i*c+j)*size:][:size])
		}
	}
	return turned, nil
}

// zero tells whether all elements are 0, as they are in a tensor without elements.
func zero(t *file.Tensor) bool { return t.Count(func(v float64) bool { return v != 0 }) == 0 }
