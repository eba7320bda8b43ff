package layer

import (
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/models/tape"
)

// TestTeacher: a teacher's layers compute as in evaluation with its own parameters, no gradient flows to them, and at each commit they move
// towards the network's, running statistics too.
func TestTeacher(t *testing.T) {
	dev := kernels.CPU()
	store, arena := NewStore(dev, kernels.Float64, 1), tape.NewArena(dev)
	tp := tape.New(dev, kernels.Float64, true)
	x := tp.Input(optest.Uniform(dev, kernels.Float64, 1, -1, 2, 6, 3))
	net := func(s *Scope) *tape.Var { return BatchNorm(s.Of(tape.Backbone), "norm", Linear(s, "fc", x, 4), Norm{}) }
	s := NewScope(tp, store)
	y, other := net(s), net(s.Teacher())
	Follow(s, other, 0.75)
	l := WeightedSum(s, []*tape.Var{Relaxed(s, SquaredDistances(s, y), SquaredDistances(s, other), 1)}, []float64{1})
	p := tp.Compile(arena, l, y, other)
	for i, teacher := range store.TeacherParams() {
		own := store.Params()[i]
		if teacher.Name != own.Name || teacher.Grad != nil || !(optest.Get(teacher.Value, 0) == optest.Get(own.Value, 0)) {
			t.Errorf("the teacher of %s is %s, with a gradient %v", own.Name, teacher.Name, teacher.Grad != nil)
		}
		optest.Set(own.Value, 0, 3) // the network goes on alone
	}
	p.Run()
	fc := store.TeacherParams()[0].Value
	want := 0.0 // of the first row and output: mean 0 and variance 1 to begin with, scale 1 and shift 0
	for i := range 3 {
		want += optest.Get(fc, i) * optest.Get(x.Value(), i)
	}
	want = (want + optest.Get(store.TeacherParams()[1].Value, 0)) / math.Sqrt(1+1e-5)
	if got := optest.Get(other.Value(), 0); !(math.Abs(got-want) <= 1e-14) {
		t.Errorf("the teacher gives %g, want %g", got, want)
	}
	var before []float64
	for _, teacher := range store.TeacherParams() {
		before = append(before, optest.Get(teacher.Value, 0))
	}
	p.Commit(kernels.Of(dev, []int32{0}, 1))
	for i, teacher := range store.TeacherParams() {
		want := 0.75*before[i] + 0.25*optest.Get(store.Params()[i].Value, 0)
		if got := optest.Get(teacher.Value, 0); !(math.Abs(got-want) <= 1e-15) || got == before[i] {
			t.Errorf("%s of the teacher is %g, want %g", teacher.Name, got, want)
		}
	}
	store.StartTeacher()
	for i, teacher := range store.TeacherParams() {
		if !(optest.Get(teacher.Value, 0) == optest.Get(store.Params()[i].Value, 0)) {
			t.Errorf("%s of the teacher is not the network's", teacher.Name)
		}
	}
}

// TestOrthogonal: the columns, or the rows where these are fewer, are orthogonal and of length 1.
func TestOrthogonal(t *testing.T) {
	dev := kernels.CPU()
	for _, shape := range [][2]int{{1, 1}, {7, 3}, {3, 7}, {64, 64}} {
		tp := tape.New(dev, kernels.Float64, true)
		store := NewStore(dev, kernels.Float64, 3)
		Dense(NewScope(tp, store), "fc", tp.Input(dev.New(kernels.Float64, 2, shape[1])), DenseSpec{Out: shape[0], Orthogonal: true})
		w, out, in := store.Get("fc.weight").Value, shape[0], shape[1]
		for a := range min(out, in) {
			for b := range a + 1 {
				dot, want := 0.0, 0.0
				for i := range max(out, in) {
					if out >= in {
						dot += optest.Get(w, i*in+a) * optest.Get(w, i*in+b)
					} else {
						dot += optest.Get(w, a*in+i) * optest.Get(w, b*in+i)
					}
				}
				if a == b {
					want = 1
				}
				if !(math.Abs(dot-want) <= 1e-12) {
					t.Errorf("%dx%d: vectors %d and %d have the product %g", out, in, a, b, dot)
				}
			}
		}
		optest.Near(t, "bias", store.Get("fc.bias").Value, dev.New(kernels.Float64, out), 0)
	}
}
