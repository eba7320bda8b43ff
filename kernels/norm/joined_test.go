package norm

import (
	"fmt"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
)

// joinedCase is a batch norm of columns of several arrays: the widths of the arrays, where in each the columns begin, and how many they
// are.
type joinedCase struct {
	rows             int
	widths, at, wide []int
	relu             bool
}

// joinedCases have packs of four and none, one array alone, more than a group of channels, and rows around a chunk.
var joinedCases = []joinedCase{
	{rows: 5, widths: []int{7}, at: []int{2}, wide: []int{3}},
	{rows: 0, widths: []int{8, 4}, at: []int{4, 0}, wide: []int{4, 4}, relu: true},
	{rows: 70, widths: []int{112, 48, 16, 12}, at: []int{0, 0, 0, 4}, wide: []int{64, 48, 16, 8}, relu: true},
	{rows: 129, widths: []int{112, 112}, at: []int{64, 96}, wide: []int{32, 16}},
	{rows: 66, widths: []int{9, 6, 5}, at: []int{1, 0, 2}, wide: []int{5, 6, 3}, relu: true},
	{rows: 65, widths: []int{700, 800}, at: []int{4, 0}, wide: []int{600, 800}},
	{rows: 67, widths: []int{130, 300}, at: []int{1, 0}, wide: []int{129, 299}, relu: true},
}

func (c joinedCase) String() string { return fmt.Sprint(c.rows, c.widths, c.at, c.wide, c.relu) }

func (c joinedCase) channels() (n int) {
	for _, w := range c.wide {
		n += w
	}
	return n
}

// arrays are tensors of the widths, made by f.
func (c joinedCase) arrays(f func(i int, shape ...int) parity.Tensor) (list tensors) {
	for i, w := range c.widths {
		list = append(list, f(i, c.rows, w))
	}
	return list
}

// of are the columns in arrays.
func (c joinedCase) of(as arrays) (list []Columns) {
	for i, a := range as {
		list = append(list, Columns{a, c.at[i], c.wide[i]})
	}
	return list
}

// sides are columns of one array, side by side.
func (c joinedCase) sides(a *kernels.Array) (list []Columns) {
	at := 0
	for _, n := range c.wide {
		list = append(list, Columns{a, at, n})
		at += n
	}
	return list
}

// TestParityJoined: the results are BatchNorm's, with its errors, and what is beside the columns stays.
func TestParityJoined(t *testing.T) {
	for _, c := range joinedCases {
		n, ch := len(c.widths), c.channels()
		in := c.arrays(func(i int, s ...int) parity.Tensor { return floats(uint64(i), -2, 3, s...) })
		in = append(in, floats(9, -1, 2, ch), floats(10, -1, 1, ch), floats(11, -1, 1, c.rows, ch))
		out := c.arrays(func(i int, s ...int) parity.Tensor { return floats(uint64(20+i), 0, 1, s...) })
		out = append(out, output(c.rows, ch), output(ch), output(ch), output(ch), output(ch))
		inBothTypes(t, append(parity.UpTo(n), n+2), parity.UpTo(n+1), parity.Case{
			Name: c.String(), Large: c.rows*ch > 20000, In: in, Out: out,
			Check: func(t testing.TB, _, want, got []*kernels.Array) {
				for i, w := range want {
					bound := 1e-6
					if i == n+1 {
						// Of the means: a thread adds up to 64 differences of up to 5 in float32, so that each addition rounds by
						// up to 2e-6, at random, and the mean of 67 rows is off by about 3e-7; the largest of 428 channels by four
						// times that.
						bound = 2e-6
					}
					near(t, i, got[i], w, bound)
				}
			},
			Run: func(out, in arrays) {
				x, gamma, beta := c.of(in[:n]), in[n], in[n+1]
				s := Stats{out[n+1], out[n+2]}
				BatchNormJoined(c.sides(out[n]), x, gamma, beta, s, eps, c.relu)
				if !c.relu {
					beta = nil
				}
				BatchNormJoinedBackward(c.of(out[:n]), out[n+3], out[n+4], c.sides(in[n+2]), x, gamma, beta, s)
			},
		})
	}
}

// TestParityJoinedInPlace: columns of one array given several times, whose results go where they lie, and dy and dx beside each other in
// one array.
func TestParityJoinedInPlace(t *testing.T) {
	for i, at := range [][2]int{{0, 12}, {1, 13}} {
		columns := func(a *kernels.Array, by int) []Columns { return []Columns{{a, at[0] + by, 4}, {a, at[1] + by, 4}} }
		inBothTypes(t, []int{0}, []int{0, 1}, parity.Case{
			Name: fmt.Sprint("columns ", i), Bound: 1e-6,
			In: tensors{floats(1, -2, 3, 66, 20), floats(2, -1, 2, 8), floats(3, -1, 1, 8)},
			Out: tensors{
				floats(1, -2, 3, 66, 20), floats(4, -1, 1, 66, 24), output(8), output(8), output(8), output(8),
			},
			Run: func(out, in arrays) {
				x, s := columns(out[0], 0), Stats{out[2], out[3]}
				BatchNormJoined(x, x, in[1], in[2], s, eps, true)
				BatchNormJoinedBackward(columns(out[1], 4), out[4], out[5], columns(out[1], 0), columns(in[0], 0), in[1], in[2], s)
			},
		})
	}
}

// TestJoined: on the CPU it is BatchNorm and its gradient of one array that holds the columns, bit for bit.
func TestJoined(t *testing.T) {
	dev := kernels.CPU()
	x := kernels.Of(dev, []float64{1, 5, 9, 2, 7, 9, 4, 4, 9}, 3, 3)
	whole := kernels.Of(dev, []float64{5, 0, 7, 3, 4, 8}, 3, 2)
	second := kernels.Of(dev, []float64{0, 0, 3, 0, 8, 0}, 3, 2)
	gamma, beta := kernels.Of(dev, []float64{2, -1}, 2), kernels.Of(dev, []float64{0.5, 1}, 2)
	got, want := dev.New(kernels.Float64, 3, 2), dev.New(kernels.Float64, 3, 2)
	s, r := Stats{dev.New(kernels.Float64, 2), dev.New(kernels.Float64, 2)}, Stats{dev.New(kernels.Float64, 2), dev.New(kernels.Float64, 2)}
	from := []Columns{{x, 1, 1}, {second, 0, 1}}
	BatchNormJoined([]Columns{{got, 0, 1}, {got, 1, 1}}, from, gamma, beta, s, eps, true)
	BatchNorm(want, whole, gamma, beta, nil, r, eps, true)
	dx, dWhole := dev.New(kernels.Float64, 3, 3), dev.New(kernels.Float64, 3, 2)
	dSecond, dy := dev.New(kernels.Float64, 3, 2), kernels.Of(dev, []float64{1, 2, -3, 4, 5, -6}, 3, 2)
	BatchNormJoinedBackward([]Columns{{dx, 1, 1}, {dSecond, 0, 1}}, nil, nil, []Columns{{dy, 0, 1}, {dy, 1, 1}}, from, gamma, beta, s)
	BatchNormBackward(dWhole, nil, nil, dy, whole, gamma, beta, nil, r)
	a, b, e := kernels.Data[float64](got), kernels.Data[float64](want), kernels.Data[float64](dWhole)
	for i := range 3 {
		if !(a[2*i] == b[2*i] && a[2*i+1] == b[2*i+1]) {
			t.Errorf("row %d is %v, want %v", i, a[2*i:2*i+2], b[2*i:2*i+2])
		}
		if d := kernels.Data[float64](dx)[3*i : 3*i+3]; !(d[1] == e[2*i] && d[0] == 0 && d[2] == 0) {
			t.Errorf("the gradient of row %d is %v, want %g in the middle", i, d, e[2*i])
		}
		if d := kernels.Data[float64](dSecond)[2*i : 2*i+2]; !(d[0] == e[2*i+1] && d[1] == 0) {
			t.Errorf("the gradient of row %d is %v, want %g first", i, d, e[2*i+1])
		}
	}
}

// TestJoinedRefuses: columns that do not lie in their arrays, and lists that differ.
func TestJoinedRefuses(t *testing.T) {
	dev := kernels.CPU()
	a, c := dev.New(kernels.Float32, 3, 4), func() *kernels.Array { return dev.New(kernels.Float32, 4) }
	for i, bad := range [][2][]Columns{
		{Whole(a), {{a, 1, 4}}},
		{{{a, 0, 2}, {a, 2, 2}}, Whole(a)},
		{{{a, 0, 1}, {a, 0, 1}, {a, 0, 1}, {a, 0, 0}, {a, 0, 1}}, {{a, 0, 1}, {a, 0, 1}, {a, 0, 1}, {a, 0, 0}, {a, 0, 1}}},
		{Whole(dev.New(kernels.Float32, 2, 4)), Whole(a)},
	} {
		optest.Refuses(t, "norm.", fmt.Sprint("case ", i), func() {
			BatchNormJoined(bad[0], bad[1], c(), c(), Stats{c(), c()}, eps, false)
		})
	}
}
