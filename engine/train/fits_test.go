package train

import (
	"errors"
	"strings"
	"testing"

	"udml-gpu/engine/machine"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
)

// TestEstimateStep compares the estimate with the plan of a step that is large but can still be recorded.
func TestEstimateStep(t *testing.T) {
	for _, name := range []string{"conv4", "squeezenet"} {
		c := setting.Defaults()
		c.Backbone, c.Pretrained, c.Size, c.Batch = name, "false", 512, 33
		c.Set("clusters", 4)
		c.Method = "cbs"
		if err := c.Resolve(); err != nil {
			t.Fatal(err)
		}
		estimate, err := estimateStep(c, c.Batch)
		if err != nil {
			t.Fatal(err)
		}
		small := c // the plan grows in proportion to the batch
		small.Batch = 1
		one, err := StepMemory(small)
		if err != nil {
			t.Fatal(err)
		}
		plan := float64(one * c.Batch)
		if !(estimate > 0.8*plan && estimate < 1.5*plan) {
			t.Errorf("%s: estimated %.0f MiB, planned %.0f MiB", name, estimate/(1<<20), plan/(1<<20))
		}
	}
}

func TestCheckFitsRefusesTheImpossible(t *testing.T) {
	c := setting.Defaults()
	c.Size, c.Batch = 1024, 1<<16
	if err := c.Resolve(); err != nil {
		t.Fatal(err)
	}
	var device *machine.DeviceError
	if err := CheckFits(c, 1<<20, kernels.CPU()); !errors.As(err, &device) || !strings.Contains(err.Error(), "--batch 65536") {
		t.Errorf("got %v", err)
	}
	if err := CheckFits(c, 0, kernels.CPU()); err != nil {
		t.Errorf("an empty step was refused: %v", err)
	}
}
