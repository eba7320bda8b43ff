package onednn

import (
	"errors"
	"math"
	"slices"
	"sync"
	"testing"
)

// products are small and odd sizes, rows with room between them, and what follows a sum.
var products = []Product{
	{M: 1, N: 1, K: 1, LDA: 1, LDB: 1, LDC: 1, Alpha: 1},
	{M: 99, N: 197, K: 64, LDA: 64, LDB: 197, LDC: 197, Alpha: 1},
	{M: 13, N: 40, K: 7, LDA: 100, LDB: 101, LDC: 102, Alpha: 0.5, Beta: 1},
	{M: 65, N: 33, K: 130, LDA: 130, LDB: 131, LDC: 33, Alpha: 1, Beta: 0.5},
	{M: 65, N: 34, K: 30, LDA: 30, LDB: 34, LDC: 35, Alpha: -0.5},
	{M: 48, N: 17, K: 300, LDA: 300, LDB: 300, LDC: 20, Alpha: 1, Beta: 1},
	{M: 70, N: 96, K: 65, LDA: 70, LDB: 96, LDC: 97, Alpha: 1, Bias: true},
	{M: 3, N: 5, K: 9, LDA: 9, LDB: 9, LDC: 5, Alpha: 1, Bias: true},
}

// matrices are the operands of p: small whole numbers, whose sums of products float32 holds exactly in any order; what Beta 0 must not
// read is NaN.
func matrices(p Product) (a, b, bias, c []float32) {
	a, b = make([]float32, least(p.TransA, p.M, p.K, p.LDA)), make([]float32, least(p.TransB, p.K, p.N, p.LDB))
	bias, c = make([]float32, p.N), make([]float32, least(false, p.M, p.N, p.LDC))
	for k, list := range [][]float32{a, b, bias, c} {
		for i := range list {
			list[i] = float32((i*7919+k*31)%9 - 4)
		}
	}
	if p.Beta == 0 {
		for i := range p.M {
			for j := range p.N {
				c[i*p.LDC+j] = float32(math.NaN())
			}
		}
	}
	return a, b, bias, c
}

// multiply is the product in the plainest way.
func multiply(p Product, a, b, bias, c []float32) {
	at := func(x []float32, i, j, ld int, trans bool) float32 {
		if trans {
			i, j = j, i
		}
		return x[i*ld+j]
	}
	for i := range p.M {
		for j := range p.N {
			sum, old := float32(0), c[i*p.LDC+j]
			for l := range p.K {
				sum += at(a, i, l, p.LDA, p.TransA) * at(b, l, j, p.LDB, p.TransB)
			}
			if p.Bias {
				sum += bias[j]
			}
			if sum *= p.Alpha; p.Beta != 0 {
				sum += p.Beta * old
			}
			c[i*p.LDC+j] = sum
		}
	}
}

// TestMatmul compares with loops; what lies between the rows of c stays.
func TestMatmul(t *testing.T) {
	needLibrary(t)
	for _, p := range products {
		for turn := range 4 {
			p.TransA, p.TransB = turn&1 != 0, turn&2 != 0
			p.LDA, p.LDB = max(p.LDA, width(p.TransA, p.M, p.K)), max(p.LDB, width(p.TransB, p.K, p.N))
			mm, err := NewMatmul(p)
			if errors.Is(err, ErrNotSupported) && p.Alpha != 1 && p.Beta != 0 {
				continue // oneDNN 3.2 has fast code for either
			}
			if err != nil {
				t.Fatalf("%+v: %v", p, err)
			}
			a, b, bias, c := matrices(p)
			want := slices.Clone(c)
			multiply(p, a, b, bias, want)
			if err := mm.Run(c, a, b, bias, make([]float32, mm.Scratch())); err != nil {
				t.Fatalf("%+v: %v", p, err)
			}
			if !slices.Equal(c, want) {
				t.Errorf("%+v by %s is not the sum of the products", p, mm.Code())
			}
		}
	}
}

// TestMatmulAtOnce: a product may run on several threads at the same time.
func TestMatmulAtOnce(t *testing.T) {
	needLibrary(t)
	p := products[1]
	mm, err := NewMatmul(p)
	if err != nil {
		t.Fatal(err)
	}
	a, b, bias, want := matrices(p)
	multiply(p, a, b, bias, want)
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for range 50 {
				c := make([]float32, len(want))
				if err := mm.Run(c, a, b, nil, make([]float32, mm.Scratch())); err != nil || !slices.Equal(c, want) {
					t.Errorf("at the same time as others: %v", err)
				}
			}
		})
	}
	wait.Wait()
}

// TestMatmulRefusals: memory that the library would read or write past is a panic, sizes that do not fit are errors.
func TestMatmulRefusals(t *testing.T) {
	for _, p := range []Product{
		{},
		{M: 1, N: 1, K: 0, LDA: 1, LDB: 1, LDC: 1},
		{M: 2, N: 3, K: 4, LDA: 3, LDB: 3, LDC: 3},
		{M: 2, N: 3, K: 4, LDA: 4, LDB: 3, LDC: 3, TransB: true},
		{M: 2, N: 3, K: 4, LDA: 4, LDB: 3, LDC: 2},
	} {
		if _, err := NewMatmul(p); err == nil || Available() == errors.Is(err, ErrNotSupported) {
			t.Errorf("%+v: %v", p, err)
		}
	}
	needLibrary(t)
	p := products[6]
	mm, err := NewMatmul(p)
	if err != nil {
		t.Fatal(err)
	}
	a, b, bias, c := matrices(p)
	scratch := make([]float32, mm.Scratch())
	for name, f := range map[string]func(){
		"a":    func() { _ = mm.Run(c, a[1:], b, bias, scratch) },
		"b":    func() { _ = mm.Run(c, a, b[1:], bias, scratch) },
		"bias": func() { _ = mm.Run(c, a, b, bias[1:], scratch) },
		"c":    func() { _ = mm.Run(c[1:], a, b, bias, scratch) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("a short slice of %s was taken", name)
				}
			}()
			f()
		}()
	}
}

// TestCache: what exists is made once, what is refused is not asked for again, and a fault is a panic.
func TestCache(t *testing.T) {
	c, calls := Cache[int, string]{Most: 2}, 0
	create := func(err error) func() (*string, error) {
		return func() (*string, error) {
			calls++
			if err != nil {
				return nil, err
			}
			return new(string), nil
		}
	}
	first := c.Of(1, create(nil))
	if first == nil || c.Of(1, create(nil)) != first || c.Of(2, create(ErrNotSupported)) != nil || c.Of(2, create(nil)) != nil ||
		calls != 2 {
		t.Fatalf("%d calls", calls)
	}
	if c.Of(3, create(nil)) == nil || c.Of(1, create(nil)) == first || calls != 4 {
		t.Errorf("more are kept than wanted: %d calls", calls)
	}
	defer func() {
		if recover() == nil {
			t.Error("a fault is no panic")
		}
	}()
	c.Of(4, create(errors.New("out of memory")))
}
