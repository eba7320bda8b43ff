package mpi

import (
	"bytes"
	"fmt"
	"math"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

// addAll adds up numbers of both types, in one piece and in more, twice: the sums of each element are within rounding, of N-1 additions of
// numbers up to 1, of those in float64, the same on all ranks and both times.
func addAll(c *Carrier) error {
	for _, t := range []kernels.DType{kernels.Float32, kernels.Float64} {
		for _, n := range []int{1, 1000, piece/t.Size() + 17} {
			var first []byte
			mine, want := numbers(t, n, c.Rank(), c.Size())
			for range 2 {
				b := bytes.Clone(mine)
				if err := c.Add("add", t, b); err != nil {
					return err
				}
				sum := kernels.WrapBytes(kernels.CPU(), t, b, n)
				bound := float64(c.Size()*c.Size()) * map[kernels.DType]float64{kernels.Float32: 0x1p-24, kernels.Float64: 0x1p-53}[t]
				for i, w := range want {
					if got := optest.Get(sum, i); !(math.Abs(got-w) <= bound) {
						return fmt.Errorf("sum %d of %d %v is %g, not %g", i, n, t, got, w)
					}
				}
				if first != nil && !bytes.Equal(first, b) {
					return fmt.Errorf("the second sum of %d %v has other bytes", n, t)
				}
				first = b
			}
			if err := sameOnAll(c, first); err != nil {
				return err
			}
		}
	}
	return nil
}

// numbers are those of a rank, and the sums of all ranks' in float64.
func numbers(t kernels.DType, n, rank, size int) (mine []byte, sums []float64) {
	sums = make([]float64, n)
	for r := range size {
		a := optest.Uniform(kernels.CPU(), t, uint64(r+1), -1, 1, n)
		for i := range sums {
			sums[i] += optest.Get(a, i)
		}
		if r == rank {
			mine = make([]byte, a.Bytes())
			a.CopyToHost(mine)
		}
	}
	return mine, sums
}

// sameOnAll is an error where another rank has other bytes.
func sameOnAll(c *Carrier, b []byte) error {
	to, from := tables(c.Size())
	for r := range c.Size() {
		to[r], from[r] = b, make([]byte, len(b))
	}
	if err := c.Exchange("compare", to, from); err != nil {
		return err
	}
	for r := range c.Size() {
		if r != c.Rank() && !bytes.Equal(from[r], b) {
			return fmt.Errorf("rank %d has other sums", r)
		}
	}
	return nil
}
