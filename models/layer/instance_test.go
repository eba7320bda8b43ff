package layer_test

import (
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/loss"
	"udml-gpu/kernels/optest"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// instanceStep records the loss of f, a parameter, of that many images, as a quarter of the total.
func instanceStep(f *tape.Param, images int) (program *tape.Program, term *tape.Var) {
	tp := tape.New(kernels.CPU(), kernels.Float64, true)
	s := layer.NewScope(tp, layer.NewStore(kernels.CPU(), kernels.Float64, 1))
	term = layer.Instance(s, tp.Param(f), images, 0.2, 0.5)
	total := layer.WeightedSum(s, []*tape.Var{term}, []float64{0.25})
	return tp.Compile(tape.NewArena(kernels.CPU()), total, term), term
}

// views are embeddings of that many images in so many views.
func views(images, number, d int) *tape.Param {
	dev, f64, rows := kernels.CPU(), kernels.Float64, images*number
	return &tape.Param{Name: "f", Value: optest.Uniform(dev, f64, 1, -1, 1, rows, d), Grad: optest.Poisoned(dev, f64, rows, d)}
}

// TestInstance: loss and gradient on the tape are the operation's, times what the loss counts; the keys bring none.
func TestInstance(t *testing.T) {
	dev, f64, p := kernels.CPU(), kernels.Float64, views(3, 2, 5)
	l, dz := optest.Poisoned(dev, f64, 1), optest.Poisoned(dev, f64, 6, 5)
	loss.Instance(l, dz, p.Value, p.Value, 0.2, 0.5)
	program, term := instanceStep(p, 3)
	program.Run()
	optest.Near(t, "loss", term.Value(), l, 0)
	for i := range dz.Len() {
		optest.Set(dz, i, 0.25*optest.Get(dz, i))
	}
	optest.Near(t, "gradient", p.Grad, dz, 1e-15)
}

// TestInstanceOfSmallViews: the loss is the mean of that of the first two views and those of each further view, whose rows stand in the
// place of either of the two; it is written out here for one row after another.
func TestInstanceOfSmallViews(t *testing.T) {
	const images, number, d = 3, 5, 4
	p := views(images, number, d)
	f := kernels.Data[float64](p.Value)
	dot := func(i, j int) float64 {
		sum := 0.0
		for e := range d {
			sum += f[i*d+e] * f[j*d+e]
		}
		return sum / 0.2
	}
	// term is that of row q of f in the place of key i.
	term := func(q, i int) float64 {
		total, sum := 0.0, 0.0
		for j := range 2 * images {
			if j != i {
				total += math.Exp(dot(q, j))
			}
		}
		for j := range 2 * images {
			switch j {
			case i:
			case (i + images) % (2 * images):
				sum += dot(q, j) - math.Log(total)
			default:
				sum += 0.5 * math.Log(1-math.Exp(dot(q, j))/total)
			}
		}
		return -sum / (2 * images)
	}
	want := 0.0
	for i := range 2 * images {
		want += term(i, i)
		for v := 2; v < number; v++ {
			want += term(v*images+i%images, i)
		}
	}
	want /= number - 1
	program, l := instanceStep(p, images)
	program.Run()
	optest.Near(t, "loss", l.Value(), kernels.Of(kernels.CPU(), []float64{want}, 1), 1e-13)
}

// TestInstanceGradientOfSmallViews: rows of small views are no keys, so that their gradient is that of the loss as a whole, which
// differences show. That of the first two views is what it is without small ones, at their weight.
func TestInstanceGradientOfSmallViews(t *testing.T) {
	const images, number, d = 3, 4, 5
	p := views(images, number, d)
	program, l := instanceStep(p, images)
	program.Run()
	exact := append([]float64(nil), kernels.Data[float64](p.Grad)...)
	f := kernels.Data[float64](p.Value)
	for i := 2 * images * d; i < len(f); i++ {
		const h = 1e-6
		v := f[i]
		f[i] = v + h
		program.Forward()
		up := layer.Scalar(l, 0)
		f[i] = v - h
		program.Forward()
		down := layer.Scalar(l, 0)
		f[i] = v
		if numeric := 0.25 * (up - down) / (2 * h); !(math.Abs(numeric-exact[i]) <= 1e-8) {
			t.Errorf("element %d: %g, by differences %g", i, exact[i], numeric)
		}
	}
	two := &tape.Param{Name: "f", Value: p.Value.Rows(0, 2*images), Grad: optest.Poisoned(kernels.CPU(), kernels.Float64, 2*images, d)}
	program, _ = instanceStep(two, images)
	program.Run()
	for i, g := range kernels.Data[float64](two.Grad) {
		if !(math.Abs(g/(number-1)-exact[i]) <= 1e-15) {
			t.Errorf("element %d: %g, without small views %g", i, exact[i], g)
		}
	}
}
