package onednn

import "fmt"

// Product is a product of matrices in row-major order: c [M,N] = Alpha (op(a) [M,K] op(b) [K,N] + bias) + Beta c, where op transposes if
// its flag is set, and bias [N], only with Bias, is added to each row. M, N and K are at least 1; LDA, LDB and LDC are the distances
// between rows in memory.
type Product struct {
	TransA, TransB, Bias   bool
	M, N, K, LDA, LDB, LDC int
	Alpha, Beta            float32
}

// check is an error where the sizes are not those of a product.
func (p *Product) check() error {
	if min(p.M, p.N, p.K) < 1 || p.LDA < width(p.TransA, p.M, p.K) || p.LDB < width(p.TransB, p.K, p.N) || p.LDC < p.N {
		return fmt.Errorf("there is no product of sizes %+v", *p)
	}
	return nil
}

// width is the number of columns in memory of a matrix whose op is rows x cols.
func width(trans bool, rows, cols int) int {
	if trans {
		return rows
	}
	return cols
}

// least is the number of elements from the first to the last of a matrix whose op is rows x cols.
func least(trans bool, rows, cols, ld int) int {
	if trans {
		rows, cols = cols, rows
	}
	return (rows-1)*ld + cols
}

// wantMatrices panics where a slice does not hold its matrix.
func (p *Product) wantMatrices(a, b, bias, c []float32) {
	if p.Bias {
		want("bias", len(bias), p.N)
	}
	want("a", len(a), least(p.TransA, p.M, p.K, p.LDA))
	want("b", len(b), least(p.TransB, p.K, p.N, p.LDB))
	want("c", len(c), least(false, p.M, p.N, p.LDC))
}
