package layer

import (
	"math"
	"sync"
)

// BeginOrthogonal has the linear layer of that full name begin as DenseSpec.Orthogonal does. It is called before the layer is recorded.
func (s *Store) BeginOrthogonal(name string) { s.orthogonal = name }

// orthogonal is a random matrix [out,in] whose columns, or rows where these are fewer, are orthogonal and of length 1, as
// torch.nn.init.orthogonal_ makes it: a matrix of normal numbers, orthogonalised (Saxe et al., "Exact solutions to the nonlinear dynamics
// of learning in deep linear neural networks", ICLR 2014). A function of the seed and the parameter's name.
func (s *Scope) orthogonal(name string, out, in int) start {
	key := s.initKey(name)
	vectors := sync.OnceValue(func() [][]float64 {
		v := make([][]float64, min(out, in))
		for i := range v {
			v[i] = make([]float64, max(out, in))
			for j := range v[i] {
				at := i*len(v[i]) + j
				v[i][j] = math.Erfinv((float64(key.At(uint32(at / 4))[at%4])+0.5)*0x1p-31 - 1)
			}
		}
		orthogonalise(v)
		return v
	})
	return func(i int) float64 {
		row, column := i/in, i%in
		if out >= in {
			return vectors()[column][row]
		}
		return vectors()[row][column]
	}
}

// orthogonalise makes the vectors orthogonal and of length 1, one after another (modified Gram-Schmidt): of random ones the error is far
// below float32's. The conversions keep products from being fused with sums, so that all machines see the same numbers.
func orthogonalise(v [][]float64) {
	for i, a := range v {
		length := math.Sqrt(dotOf(a, a))
		for j := range a {
			a[j] /= length
		}
		for _, b := range v[i+1:] {
			along := dotOf(a, b)
			for j := range b {
				b[j] -= float64(along * a[j])
			}
		}
	}
}

func dotOf(a, b []float64) float64 {
	sum := [4]float64{}
	b = b[:len(a)]
	for ; len(a) >= 4; a, b = a[4:], b[4:] {
		sum[0] += float64(a[0] * b[0])
		sum[1] += float64(a[1] * b[1])
		sum[2] += float64(a[2] * b[2])
		sum[3] += float64(a[3] * b[3])
	}
	for j := range a {
		sum[0] += float64(a[j] * b[j])
	}
	return sum[0] + sum[1] + (sum[2] + sum[3])
}
