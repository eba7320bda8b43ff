package norm_test

import (
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/golden"
	"udml-gpu/kernels/norm"
)

const eps, momentum = 1e-5, 0.1 // torch's defaults

// TestGoldens compares with torch.nn.functional.batch_norm, normalize and layer_norm.
func TestGoldens(t *testing.T) {
	for _, name := range []string{"batchnorm2d", "batchnorm1d", "batchnorm_small"} {
		golden.Run(t, "norm", name, func(c *golden.Case) { training(c, eps); evaluation(c, eps) })
	}
	golden.Run(t, "norm", "batchnorm_frozen", func(c *golden.Case) { frozen(c, eps) })
	golden.Run(t, "norm", "l2", func(c *golden.Case) {
		x, y, dx := c.In("x"), c.Out("y"), c.Out("x")
		length := c.Dev.New(c.DType, x.Dim(0))
		norm.L2(y, length, x, 1e-12)
		c.Check("y", y)
		norm.L2Backward(dx, c.In("dy"), y, length, 1e-12)
		c.Check("dx", dx)
	})
	for _, name := range []string{"layernorm", "layernorm_small"} {
		golden.Run(t, "norm", name, func(c *golden.Case) { layer(c, 1e-6) })
	}
	golden.Run(t, "norm", "scale", func(c *golden.Case) {
		x, gamma, dy, y, dx, dgamma := c.In("x"), c.In("gamma"), c.In("dy"), c.Out("y"), c.Out("x"), c.Out("gamma")
		norm.Scale(y, x, gamma, c.In("residual"))
		c.Check("y", y)
		norm.ScaleBackward(dx, dgamma, dy, x, gamma)
		c.Check("dx", dx)
		c.Check("dgamma", dgamma)
		c.Check("dresidual", dy)
	})
}

// TestGoldensNotice: the bounds are narrow enough for an epsilon that is a hundredth off, where variances are small.
func TestGoldensNotice(t *testing.T) {
	golden.Notices(t, "norm", "batchnorm_small", "epsilon of training", func(c *golden.Case) { training(c, 1.01*eps) })
	golden.Notices(t, "norm", "batchnorm_small", "epsilon of evaluation", func(c *golden.Case) { evaluation(c, 1.01*eps) })
	golden.Notices(t, "norm", "batchnorm_frozen", "epsilon of a frozen batch norm", func(c *golden.Case) { frozen(c, 1.01*eps) })
	golden.Notices(t, "norm", "layernorm_small", "epsilon of layer norm", func(c *golden.Case) { layer(c, 1.01e-6) })
}

func layer(c *golden.Case, eps float64) {
	x, gamma := c.In("x"), c.In("gamma")
	y, dx, dgamma, dbeta := c.Out("y"), c.Out("x"), c.Out("gamma"), c.Out("beta")
	rows := x.Len() / gamma.Len()
	mean, inv := c.Dev.New(c.DType, rows), c.Dev.New(c.DType, rows)
	norm.LayerNorm(y, mean, inv, x, gamma, c.In("beta"), eps)
	c.Check("y", y)
	norm.LayerNormBackward(dx, dgamma, dbeta, c.In("dy"), x, gamma, mean, inv)
	c.Check("dx", dx)
	c.Check("dgamma", dgamma)
	c.Check("dbeta", dbeta)
}

func training(c *golden.Case, eps float64) {
	x, gamma, beta, dy := c.In("x"), c.In("gamma"), c.In("beta"), c.In("dy")
	y, dx, dgamma, dbeta := c.Out("y"), c.Out("x"), c.Out("gamma"), c.Out("beta")
	stats := norm.Stats{Mean: c.Out("gamma"), InvStd: c.Out("gamma")}
	norm.BatchNorm(y, x, gamma, beta, nil, stats, eps, false)
	c.Check("y", y)
	norm.BatchNormBackward(dx, dgamma, dbeta, dy, x, gamma, nil, nil, stats)
	c.Check("dx", dx)
	c.Check("dgamma", dgamma)
	c.Check("dbeta", dbeta)
	mean, variance, skip := c.In("running_mean"), c.In("running_var"), c.Dev.New(kernels.Int32, 1)
	norm.BatchNormRunning([]norm.Running{{Mean: mean, Var: variance, Stats: stats, Rows: x.Len() / gamma.Len(), Eps: eps}}, momentum, skip)
	c.Check("running_mean_after", mean)
	c.Check("running_var_after", variance)
}

// frozen is a batch norm of constants with a ReLU, forward and backward.
func frozen(c *golden.Case, eps float64) {
	y, dx, gamma, variance := c.Out("y"), c.Out("x"), c.In("gamma"), c.In("running_var")
	norm.BatchNormEval(y, c.In("x"), gamma, c.In("beta"), c.In("running_mean"), variance, eps, true)
	c.Check("y", y)
	norm.BatchNormEvalBackward(dx, c.In("dy"), y, gamma, variance, eps, true)
	c.Check("dx", dx)
}

func evaluation(c *golden.Case, eps float64) {
	y := c.Out("y")
	norm.BatchNormEval(y, c.In("x"), c.In("gamma"), c.In("beta"), c.In("running_mean"), c.In("running_var"), eps, false)
	c.Check("eval", y)
}
