package norm_test

import (
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/golden"
	"udml-gpu/kernels/norm"
)

const eps, momentum = 1e-5, 0.1 // torch's defaults

// TestGoldens compares with torch.nn.functional.batch_norm and normalize. float32: y is x minus a mean of its own size,
// divided by a deviation, a handful of roundings; dx adds two sums over the rows.
func TestGoldens(t *testing.T) {
	for _, name := range []string{"batchnorm2d", "batchnorm1d"} {
		golden.Run(t, "norm", name, 1e-6, func(c *golden.Case) { training(c); evaluation(c) })
	}
	golden.Run(t, "norm", "l2", 3e-7, func(c *golden.Case) {
		x, y, dx := c.In("x"), c.Out("y"), c.Out("x")
		length := c.Dev.New(c.DType, x.Dim(0))
		norm.L2(y, length, x, 1e-12)
		c.Check("y", y)
		norm.L2Backward(dx, c.In("dy"), y, length, 1e-12)
		c.Check("dx", dx)
	})
}

func training(c *golden.Case) {
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
	norm.BatchNormRunning(mean, variance, stats, nil, x.Len()/gamma.Len(), eps, momentum, skip)
	c.Check("running_mean_after", mean)
	c.Check("running_var_after", variance)
}

func evaluation(c *golden.Case) {
	y := c.Out("y")
	norm.BatchNormEval(y, c.In("x"), c.In("gamma"), c.In("beta"), c.In("running_mean"), c.In("running_var"), eps, false)
	c.Check("eval", y)
}
