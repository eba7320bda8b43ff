package optim

import (
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/models/tape"
)

func param(dev *kernels.Device, name string, group tape.Group, value, grad float64) *tape.Param {
	return &tape.Param{
		Name: name, Group: group,
		Value: kernels.Of(dev, []float64{value}, 1), Grad: kernels.Of(dev, []float64{grad}, 1),
	}
}

// take is one step at rate lr.
func take(o Optimizer, lr float64, skip *kernels.Array) {
	n := o.Begin(lr)
	numbers := kernels.Of(skip.Device(), n[:], len(n))
	o.Step(numbers, skip)
	numbers.Free()
}

func value(p *tape.Param) float64 { return kernels.Data[float64](p.Value)[0] }

// TestSGD checks torch's rule by hand: the first step's momentum is the gradient itself. The kernel's goldens
// cover the rest.
func TestSGD(t *testing.T) {
	dev := kernels.CPU()
	skip := dev.New(kernels.Int32, 1)
	slow, fast := param(dev, "a", tape.Backbone, 1, 2), param(dev, "b", tape.Head, 1, 2)
	o, err := New([]*tape.Param{slow, fast}, Options{Name: "sgd", Momentum: 0.5, BackboneFactor: 0.1})
	if err != nil {
		t.Fatal(err)
	}
	take(o, 0.1, skip)
	take(o, 0.1, skip)
	// momentum 2, then 3: 1 - 0.1 (2 + 3), and a tenth of that in the backbone
	if v := value(fast); !(math.Abs(v-0.5) <= 1e-15) {
		t.Errorf("head is %g, want 0.5", v)
	}
	if v := value(slow); !(math.Abs(v-0.95) <= 1e-15) {
		t.Errorf("backbone is %g, want 0.95", v)
	}
	kernels.Data[int32](skip)[0] = 1
	take(o, 0.1, skip)
	if value(fast) != 0.5 {
		t.Error("a skipped step changed a parameter")
	}
	if len(o.State()) != 2 || o.State()[1].Name != "b.momentum_buffer" {
		t.Errorf("state is %v", o.State())
	}
	o.Free()
}

// TestAdamW: the first step changes a parameter by the learning rate whatever the gradient's size, after decay.
func TestAdamW(t *testing.T) {
	dev := kernels.CPU()
	skip := dev.New(kernels.Int32, 1)
	p := param(dev, "a", tape.Head, 2, -1e-3)
	o, err := New([]*tape.Param{p}, Options{Name: "adamw", WeightDecay: 0.5, BackboneFactor: 1})
	if err != nil {
		t.Fatal(err)
	}
	take(o, 0.1, skip)
	if want := 2*(1-0.1*0.5) + 0.1; !(math.Abs(value(p)-want) <= 1e-5) {
		t.Errorf("parameter is %g, want %g", value(p), want)
	}
	if o.Steps() != 1 || len(o.State()) != 2 || o.State()[1].Name != "a.exp_avg_sq" {
		t.Errorf("%d steps, state %v", o.Steps(), o.State())
	}
	live := dev.LiveBytes()
	o.Free()
	if dev.LiveBytes() != live-16 {
		t.Error("the moments were not freed")
	}
}

// TestClip: the norm is over all parameters together, decay comes after clipping, and Free frees everything.
func TestClip(t *testing.T) {
	for _, name := range Names() {
		dev := kernels.CPU()
		skip := dev.New(kernels.Int32, 1)
		p, q := param(dev, "a", tape.Head, 2, 30), param(dev, "b", tape.Backbone, 2, -40)
		live := dev.LiveBytes()
		o, err := New([]*tape.Param{p, q}, Options{Name: name, WeightDecay: 0.5, BackboneFactor: 1, MaxNorm: 5})
		if err != nil {
			t.Fatal(err)
		}
		take(o, 0.1, skip)
		if n := kernels.Data[float64](o.GradNorm()); !(math.Abs(n[0]-50) <= 1e-12 && math.Abs(n[1]-5/(50+1e-6)) <= 1e-15) {
			t.Errorf("%s: norm and factor %g", name, n)
		}
		// sgd: 2 - 0.1 (3 + 0.5 x 2), 2 - 0.1 (-4 + 0.5 x 2); adamw changes by the rate, as tested above
		if name == "sgd" && !(math.Abs(value(p)-1.6) <= 1e-7 && math.Abs(value(q)-2.3) <= 1e-7) {
			t.Errorf("parameters %g and %g", value(p), value(q))
		}
		if g := kernels.Data[float64](q.Grad)[0]; !(math.Abs(g+4) <= 1e-6) {
			t.Errorf("%s: gradient %g, want -4", name, g)
		}
		o.Free()
		if dev.LiveBytes() != live {
			t.Errorf("%s: %d bytes are left", name, dev.LiveBytes()-live)
		}
	}
}

func TestUnknownOptimizer(t *testing.T) {
	if _, err := New(nil, Options{Name: "lion"}); err == nil {
		t.Fatal("no error")
	}
}

func TestSchedule(t *testing.T) {
	for _, c := range []struct {
		s    Schedule
		step int
		want float64
	}{
		{Schedule{Base: 2}, 0, 2},
		{Schedule{Base: 2}, 1 << 20, 2},
		{Schedule{Base: 2, Warmup: 4}, 0, 0.5},
		{Schedule{Base: 2, Warmup: 4}, 3, 2},
		{Schedule{Base: 2, Warmup: 4}, 4, 2},
		{Schedule{Base: 2, Horizon: 10}, 0, 2},
		{Schedule{Base: 2, Horizon: 10}, 5, 1},
		{Schedule{Base: 2, Horizon: 10}, 99, 0},
		{Schedule{Base: 2, Horizon: 10, Final: 0.5}, 10, 1},
		{Schedule{Base: 2, Warmup: 2, Horizon: 12}, 7, 1},
	} {
		if got := c.s.At(c.step); !(math.Abs(got-c.want) <= 1e-12) {
			t.Errorf("%+v at step %d: %g, want %g", c.s, c.step, got, c.want)
		}
	}
}

// TestLayerDecay: each parameter's rate is the backbone's by the decay to the power of its depth, as in a loop over the parameters with
// torch's rules in float64; the head's is the whole rate.
func TestLayerDecay(t *testing.T) {
	const lr, factor, decay, steps = 0.1, 0.5, 0.75, 3
	for _, name := range Names() {
		dev := kernels.CPU()
		skip := dev.New(kernels.Int32, 1)
		var params []*tape.Param
		for depth := range 5 {
			p := param(dev, "p", tape.Backbone, 1, 0.3)
			p.Depth = depth
			params = append(params, p)
		}
		params = append(params, param(dev, "head", tape.Head, 1, 0.3))
		o, err := New(params, Options{Name: name, Momentum: 0.5, BackboneFactor: factor, LayerDecay: decay})
		if err != nil {
			t.Fatal(err)
		}
		for range steps {
			take(o, lr, skip)
		}
		for i, p := range params {
			rate := lr
			if p.Group == tape.Backbone {
				rate *= factor
				for range i {
					rate *= decay
				}
			}
			// of equal gradients g: sgd takes g, 1.5 g and 1.75 g; adamw g/(|g|+eps) each time
			want := 1 - rate*0.3*(1+1.5+1.75)
			if name == "adamw" {
				want = 1 - steps*rate*0.3/(0.3+adamEps)
			}
			if v := value(p); !(math.Abs(v-want) <= 1e-14) {
				t.Errorf("%s, parameter %d: %.17g, want %.17g", name, i, v, want)
			}
		}
		o.Free()
	}
}
