package attention_test

import (
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/attention"
	"udml-gpu/kernels/golden"
)

// goldenHeads are the heads of each case of scripts/goldens_attention.py.
var goldenHeads = map[string]int{"plain": 3, "pool": 2, "one": 2, "cross": 1, "strong": 2}

func own(a *kernels.Array) attention.Operand { return attention.Operand{Array: a} }

// TestGoldens compares with torch.nn.functional.scaled_dot_product_attention.
func TestGoldens(t *testing.T) {
	for name, heads := range goldenHeads {
		golden.Run(t, "attention", name, func(c *golden.Case) {
			q, k, v, y, s := own(c.In("q")), own(c.In("k")), own(c.In("v")), c.Out("q"), attention.Spec{Heads: heads}
			lse := c.Dev.New(c.DType, q.Array.Dim(0), heads, q.Array.Dim(1))
			attention.Forward(y, lse, q, k, v, s)
			c.Check("y", y)
			dq, dk, dv := own(c.Out("q")), own(c.Out("k")), own(c.Out("v"))
			attention.Backward(dq, dk, dv, c.In("dy"), y, lse, q, k, v, s)
			c.Check("dv", dv.Array)
			if k.Array.Dim(1) > 1 { // with one key the others are 0, and have no bound
				c.Check("dq", dq.Array)
				c.Check("dk", dk.Array)
			}
		})
	}
}

// TestGoldensNotice: the bounds are narrow enough for a scale that is a thousandth off, and for heads that share their columns another way.
func TestGoldensNotice(t *testing.T) {
	for fault, s := range map[string]attention.Spec{
		"scale": {Heads: 3, Scale: 1.001 / 2.2360679775}, "heads": {Heads: 5}, "one head": {Heads: 1},
	} {
		golden.Notices(t, "attention", "plain", fault, func(c *golden.Case) {
			q, y := c.In("q"), c.Out("q")
			attention.Forward(y, c.Dev.New(c.DType, q.Dim(0), s.Heads, q.Dim(1)), own(q), own(c.In("k")), own(c.In("v")), s)
			c.Check("y", y)
		})
	}
}
