package tape

import (
	"math"
	"slices"
	"testing"

	"udml-gpu/kernels"
)

// TestAfterGradients: what follows the gradients of some parameters comes when those of all shards are complete, before the rest of the
// backward pass, in each run, and in the order in which it was asked for.
func TestAfterGradients(t *testing.T) {
	dev := kernels.CPU()
	for _, swapped := range []bool{false, true} {
		tp, arena := New(dev, kernels.Float64, true), NewArena(dev)
		param := func(name string) *Param {
			return &Param{Name: name, Value: kernels.Of(dev, []float64{1, 2, 3}, 3), Grad: dev.New(kernels.Float64, 3)}
		}
		early, late := param("early"), param("late") // in the order of the backward pass
		losses := make([]*Var, 2)
		tp.Shards(2, func(i int) { losses[i] = total(tp, addVars(tp, negate(tp, tp.Param(late)), tp.Param(early))) })
		program := tp.Compile(arena, addVars(tp, losses[0], losses[1]))
		var done []string
		complete := func(p *Param) bool {
			missing := func(a *kernels.Array) bool { return slices.ContainsFunc(kernels.Data[float64](a), math.IsNaN) }
			return !slices.ContainsFunc(p.Parts, missing)
		}
		follow := []func(){
			func() { program.AfterGradients([]*Param{early}, func() { done = append(done, "early") }) },
			func() { program.AfterGradients([]*Param{late}, func() { done = append(done, "late") }) },
			func() {
				program.AfterGradients([]*Param{early}, func() {
					if !complete(early) || complete(late) != swapped {
						t.Errorf("swapped %v: early is complete: %v, late: %v", swapped, complete(early), complete(late))
					}
				})
			},
		}
		order, want := []int{2, 0, 1}, []string{"early", "late"}
		if swapped {
			order, want = []int{1, 2, 0}, []string{"late", "early"}
		}
		for _, i := range order {
			follow[i]()
		}
		for range 2 {
			done = nil
			for _, a := range slices.Concat(early.Parts, late.Parts) {
				copy(kernels.Data[float64](a), []float64{math.NaN(), math.NaN(), math.NaN()})
			}
			program.Run()
			if !slices.Equal(done, want) {
				t.Errorf("%v, want %v", done, want)
			}
		}
		arena.Free()
		early.Free()
		late.Free()
	}
}
