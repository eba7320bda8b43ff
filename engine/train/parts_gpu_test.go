package train

import (
	"testing"

	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// TestGPUStepsOfParts: steps on what is kept of a frozen backbone, with views and without, and steps with stochastic depth have the terms
// that they have on the CPU.
func TestGPUStepsOfParts(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, _ *kernels.Device) {
		drawings := fewDrawings(t) // a batch of 8, and one of 4
		part := func(change func(c *setting.Config)) func(string) setting.Config {
			return func(device string) setting.Config {
				return tiny(t, func(c *setting.Config) {
					c.Data, c.Dim, c.Batch, c.Optimizer, c.LR, c.Device = drawings, 8, 8, "sgd", 0.01, device
					change(c)
				})
			}
		}
		for _, name := range []string{"rim", "cbswr"} {
			sameSteps(t, 2, part(func(c *setting.Config) { c.Method, c.TrainBlocks = name, 0 }))
		}
		sameSteps(t, 2, part(func(c *setting.Config) {
			c.Backbone, c.Pretrained, c.Channels, c.Invert, c.Size = "vit:dim=16,depth=3,heads=1,patch=4,grid=4", "false", 3, false, 16
			c.Method, c.DropPath = "instance", 0.6
		}))
	})
}
