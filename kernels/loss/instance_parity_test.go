package loss

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// instanceParity is a case that calls the op with and without a gradient, of rows z that are queries and keys.
func instanceParity(name string, z parity.Tensor, t, alpha float64) parity.Case {
	return parity.Case{
		Name: name, In: []parity.Tensor{z},
		Out: []parity.Tensor{
			parity.Output(kernels.Float32, 1), parity.Output(kernels.Float32, z.Shape...), parity.Output(kernels.Float32, 1),
		},
		Run: func(out, in []*kernels.Array) {
			Instance(out[0], out[1], in[0], in[0], t, alpha)
			Instance(out[2], nil, in[0], in[0], t, alpha)
		},
	}
}

// instanceBound: a similarity is off by some 2^-24 of the sum of its products' sizes, at most D/100 for elements below 0.1, over t. By as
// much, relatively, are exponentials off, and with them the gradient. That is a sum over the batch, a chain of floats: some sqrt(N)
// roundings of numbers up to four times the largest gradient.
func instanceBound(rows, d int, t float64) float64 {
	return 0x1p-22 * (1 + float64(d)/100/t + math.Sqrt(float64(rows)))
}

func TestParityInstance(t *testing.T) {
	var cases []parity.Case
	for _, s := range []struct {
		rows, d  int
		t, alpha float64
	}{
		{0, 5, 0.1, 1},
		{2, 3, 0.1, 1},
		{4, 1, 0.1, 1},
		{6, 0, 0.1, 1},
		{6, 5, 0.1, 0},
		{8, 4, 0.1, 1},
		{10, 31, 0.5, 1},
		{14, 127, 0.1, 0.5},
		{16, 128, 0.1, 1},
		{18, 129, 0.2, 1},
		{30, 8, 0.001, 1},
		{62, 257, 0.1, 1},
		{66, 513, 0.1, 1},
		{128, 128, 0.1, 1},
		{34, 33, 0.07, 2.5},
		{1024, 3, 0.1, 1}, // the largest batch whose similarities are in shared memory
		{1026, 3, 0.1, 1},
	} {
		name := fmt.Sprintf("%dx%d/t %g/alpha %g", s.rows, s.d, s.t, s.alpha)
		c := instanceParity(name, parity.Floats(1, -0.1, 0.1, s.rows, s.d), s.t, s.alpha)
		bound := instanceBound(s.rows, s.d, s.t)
		c.Check, c.Large = within(bound, bound, bound), s.rows > 128
		cases = append(cases, c)
	}
	parity.Run(t, cases...)
}

// TestParityInstanceOfQueries: queries that are not the keys, several for each, in groups of rows that stand in the places of keys from the
// last to the first.
func TestParityInstanceOfQueries(t *testing.T) {
	var cases []parity.Case
	for _, s := range []struct{ times, keys, d int }{{3, 2, 4}, {2, 6, 5}, {5, 10, 31}, {3, 14, 129}, {3, 66, 128}, {2, 1026, 3}} {
		c := parity.Case{
			Name:  fmt.Sprintf("%d times %dx%d", s.times, s.keys, s.d),
			In:    []parity.Tensor{parity.Floats(1, -0.1, 0.1, s.times*s.keys, s.d), parity.Floats(2, -0.1, 0.1, s.keys, s.d)},
			Out:   []parity.Tensor{parity.Output(kernels.Float32, 1), parity.Output(kernels.Float32, s.times*s.keys, s.d)},
			Large: s.keys > 128,
			Run:   func(out, in []*kernels.Array) { Instance(out[0], out[1], in[0], in[1], 0.1, 1) },
		}
		bound := instanceBound(s.keys, s.d, 0.1)
		c.Check = within(bound, bound)
		cases = append(cases, c)
	}
	parity.Run(t, cases...)
}

// TestParityInstanceInParts: what large batches need, a block that takes several groups of rows and similarities outside of shared memory,
// at sizes that the emulated device checks for races.
func TestParityInstanceInParts(t *testing.T) {
	before := instanceLimits
	defer func() { instanceLimits = before }()
	for _, limits := range []struct{ inside, blocks int }{{1024, 2}, {0, 264}, {0, 3}, {0, 1}} {
		instanceLimits = limits
		var cases []parity.Case
		for _, s := range [][2]int{{2, 3}, {24, 5}, {66, 130}} {
			c := instanceParity(fmt.Sprintf("%v/%dx%d", limits, s[0], s[1]), parity.Floats(1, -0.1, 0.1, s[0], s[1]), 0.1, 1)
			bound := instanceBound(s[0], s[1], 0.1)
			c.Check = within(bound, bound, bound)
			cases = append(cases, c)
		}
		parity.Run(t, cases...)
	}
}

// TestParityInstanceDominated: exponentials that overflow or vanish, and 1-p that is 0, at similarities of up to 1e9. Rows lie on two axes,
// so that products are exact, and a gradient is off by what the contract says of its sum; where all rows are one, that is 0. Some are as
// far ahead as others.
func TestParityInstanceDominated(t *testing.T) {
	var cases []parity.Case
	const n, temperature = 6, 0.001
	for _, scale := range []float64{1, 100, 1e3} {
		for name, rows := range map[string][]float64{
			"other views":  {scale, 0, 0, scale, -scale, 0, scale, 0, 0, scale, -scale, 0},
			"other images": {scale, 0, 0, scale, scale, 0, scale, 0, -scale, 0, 0, -scale},
			"all":          {scale, 0},
		} {
			c := instanceParity(fmt.Sprint(name, " ", scale), parity.Values(kernels.Float32, rows, n, 2), temperature, 1)
			bound := 4 * (n + 18) * 0x1p-24 * scale / (n * temperature)
			c.Check = func(t testing.TB, in, want, got []*kernels.Array) {
				t.Helper()
				within(1e-7)(t, in, want[:1], got[:1])
				within(1e-7)(t, in, want[2:], got[2:])
				for i, w := range parity.Numbers(want[1]) {
					if g := parity.Numbers(got[1])[i]; !(math.Abs(g-w) <= bound) {
						t.Fatalf("element %d of the gradient is %g, want %g within %g", i, g, w, bound)
					}
				}
			}
			cases = append(cases, c)
		}
	}
	parity.Run(t, cases...)
}

// TestParityInstanceShowsWhatIsNotFinite: a NaN anywhere reaches the loss and the whole gradient, an infinity the loss and its own row.
// So it is with one image, whose loss is 0 otherwise.
func TestParityInstanceShowsWhatIsNotFinite(t *testing.T) {
	var cases []parity.Case
	for _, rows := range []int{2, 4, 18, 66} {
		const d = 5
		for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			for _, row := range []int{0, rows/2 - 1, rows - 1} {
				z := parity.Floats(1, -1, 1, rows, d).With(map[int]float64{row*d + row%d: bad})
				c := instanceParity(fmt.Sprintf("%g in row %d of %d", bad, row, rows), z, 0.1, 1)
				c.Check = func(t testing.TB, _, _, got []*kernels.Array) {
					t.Helper()
					loss, dz, again := parity.Numbers(got[0])[0], parity.Numbers(got[1]), parity.Numbers(got[2])[0]
					if !math.IsNaN(loss) || !math.IsNaN(again) {
						t.Errorf("loss %g, without gradient %g", loss, again)
					}
					for i, v := range dz {
						if (math.IsNaN(bad) || i/d == row) && !math.IsNaN(v) {
							t.Fatalf("element %d of the gradient is %g", i, v)
						}
					}
				}
				cases = append(cases, c)
			}
		}
	}
	parity.Run(t, cases...)
}
