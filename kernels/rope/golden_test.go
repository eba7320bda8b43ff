package rope_test

import (
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/golden"
	"udml-gpu/kernels/rope"
)

// goldenCase is a case of scripts/goldens_rope.py.
type goldenCase struct{ heads, d, h, w, prefix int }

var goldenCases = map[string]goldenCase{"square": {2, 16, 3, 3, 1}, "wide": {3, 8, 2, 5, 5}, "high": {1, 64, 4, 1, 0}}

// tables are the case's, on its device.
func (g goldenCase) tables(c *golden.Case) (cos, sin *kernels.Array) {
	cos, sin = c.Dev.New(c.DType, g.h*g.w, g.d/2), c.Dev.New(c.DType, g.h*g.w, g.d/2)
	rope.Table(cos, sin, g.h, g.w, 100)
	return cos, sin
}

// TestGoldens compares with DINOv3's positions, which the script holds against those of timm and transformers.
func TestGoldens(t *testing.T) {
	for name, g := range goldenCases {
		golden.Run(t, "rope", name, func(c *golden.Case) {
			cos, sin := g.tables(c)
			y, dx := c.Out("x"), c.Out("x")
			rope.Forward(y, c.In("x"), cos, sin, g.heads, g.prefix)
			c.Check("y", y)
			rope.Backward(dx, c.In("dy"), cos, sin, g.heads, g.prefix)
			c.Check("dx", dx)
		})
	}
}

// TestGoldensNotice: positions that are left out, rows taken for columns, neighbours in place of halves and angles of the other direction
// are not DINOv3's.
func TestGoldensNotice(t *testing.T) {
	g := goldenCases["wide"]
	for fault, wrong := range map[string]func(y, x, cos, sin *kernels.Array){
		"no positions": func(y, x, _, _ *kernels.Array) { y.CopyFrom(x) },
		"x and y swapped": func(y, x, cos, sin *kernels.Array) {
			rope.Forward(y, x, columnsFirst(cos), columnsFirst(sin), g.heads, g.prefix)
		},
		"interleaved": func(y, x, cos, sin *kernels.Array) {
			g.shuffle(x, true)
			rope.Forward(y, x, cos, sin, g.heads, g.prefix)
			g.shuffle(y, false)
		},
		"other direction": func(y, x, cos, sin *kernels.Array) { rope.Backward(y, x, cos, sin, g.heads, g.prefix) },
	} {
		golden.Notices(t, "rope", "wide", fault, func(c *golden.Case) {
			cos, sin := g.tables(c)
			y := c.Out("x")
			wrong(y, c.In("x"), cos, sin)
			c.Check("y", y)
		})
	}
}

// columnsFirst is a table with the angles of columns in front of those of rows.
func columnsFirst(table *kernels.Array) *kernels.Array {
	from, half := kernels.Data[float32](table), table.Dim(1)
	to := make([]float32, len(from))
	for i := range from {
		to[i] = from[i/half*half+(i+half/2)%half]
	}
	return kernels.Of(table.Device(), to, table.Shape()...)
}

// shuffle puts neighbours of each head of queries and keys into its two halves, or back.
func (g goldenCase) shuffle(x *kernels.Array, apart bool) {
	a := kernels.Data[float32](x)
	for head := 0; head < len(a)/g.d; head++ {
		if head%(3*g.heads) >= 2*g.heads {
			continue
		}
		part, was := a[head*g.d:(head+1)*g.d], make([]float32, g.d)
		copy(was, part)
		for j := range g.d {
			if near := j%(g.d/2)*2 + j/(g.d/2); apart {
				part[j] = was[near]
			} else {
				part[near] = was[j]
			}
		}
	}
}
