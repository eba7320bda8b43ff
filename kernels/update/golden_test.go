package update_test

import (
	"fmt"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/golden"
	"udml-gpu/kernels/update"
)

// TestGoldens compares five steps with torch.optim.
func TestGoldens(t *testing.T) {
	for name, o := range map[string]update.SGDOptions{
		"sgd": {LR: 0.1}, "sgd_momentum": {LR: 0.1, Momentum: 0.9}, "sgd_nesterov": {LR: 0.1, Momentum: 0.9, Nesterov: true},
		"sgd_dampening": {LR: 0.1, Momentum: 0.9, Dampening: 0.3}, "sgd_decay": {LR: 0.1, WeightDecay: 0.05},
		"sgd_all": {LR: 0.1, Momentum: 0.8, Nesterov: true, WeightDecay: 0.05},
	} {
		golden.Run(t, "update", name, func(c *golden.Case) {
			var m *kernels.Array
			if o.Momentum != 0 {
				m = c.Out("p0") // the first step must not read it
			}
			fiveSteps(c, func(p, g, skip *kernels.Array, step int) { update.SGD(p, g, m, o, step == 1, skip) })
		})
	}
	for name, o := range map[string]update.AdamWOptions{
		"adamw":       {LR: 0.01, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8},
		"adamw_decay": {LR: 0.01, Beta1: 0.8, Beta2: 0.99, Eps: 1e-6, WeightDecay: 0.1},
	} {
		golden.Run(t, "update", name, func(c *golden.Case) {
			m, v := c.Dev.New(c.DType, 3, 5), c.Dev.New(c.DType, 3, 5)
			fiveSteps(c, func(p, g, skip *kernels.Array, step int) { update.AdamW(p, g, m, v, o, step, skip) })
		})
	}
}

// TestGoldensNotice: the bounds are narrow enough for coefficients that are a hundredth off, and a weight decay of the other kind.
func TestGoldensNotice(t *testing.T) {
	for fault, o := range map[string]update.SGDOptions{
		"learning rate": {LR: 0.101, Momentum: 0.8, Nesterov: true, WeightDecay: 0.05},
		"momentum":      {LR: 0.1, Momentum: 0.808, Nesterov: true, WeightDecay: 0.05},
		"weight decay":  {LR: 0.1, Momentum: 0.8, Nesterov: true, WeightDecay: 0.0505}, "not Nesterov's": {
			LR: 0.1, Momentum: 0.8,
			WeightDecay: 0.05,
		},
	} {
		golden.Notices(t, "update", "sgd_all", fault, func(c *golden.Case) {
			m := c.Out("p0")
			fiveSteps(c, func(p, g, skip *kernels.Array, step int) { update.SGD(p, g, m, o, step == 1, skip) })
		})
	}
	for fault, o := range map[string]update.AdamWOptions{
		"learning rate": {LR: 0.0101, Beta1: 0.8, Beta2: 0.99, Eps: 1e-6, WeightDecay: 0.1}, "beta1": {
			LR: 0.01, Beta1: 0.808, Beta2: 0.99,
			Eps: 1e-6, WeightDecay: 0.1,
		},
		"weight decay": {LR: 0.01, Beta1: 0.8, Beta2: 0.99, Eps: 1e-6, WeightDecay: 0.101},
	} {
		golden.Notices(t, "update", "adamw_decay", fault, func(c *golden.Case) {
			m, v := c.Dev.New(c.DType, 3, 5), c.Dev.New(c.DType, 3, 5)
			fiveSteps(c, func(p, g, skip *kernels.Array, step int) { update.AdamW(p, g, m, v, o, step, skip) })
		})
	}
}

func fiveSteps(c *golden.Case, update func(p, g, skip *kernels.Array, step int)) {
	p, skip := c.In("p0"), c.Dev.New(kernels.Int32, 1)
	for step := 1; step <= 5; step++ {
		update(p, c.In(fmt.Sprintf("g%d", step)), skip, step)
		c.Check(fmt.Sprintf("p%d", step), p)
	}
}

// TestGoldenClip compares with clip_grad_norm_.
func TestGoldenClip(t *testing.T) {
	for _, name := range []string{"clip", "clip_long"} {
		golden.Run(t, "update", name, func(c *golden.Case) {
			gs := []*kernels.Array{c.In("g0"), c.In("g1"), c.In("g2")}
			norm := c.Dev.New(c.DType, 2)
			l := update.NewList(gs, gs, nil, nil, nil)
			l.Clip(norm, c.Number("most"))
			l.Free()
			c.Check("norm", norm.Rows(0, 1))
			for i, g := range gs {
				c.Check(fmt.Sprint("c", i), g)
			}
		})
	}
}
