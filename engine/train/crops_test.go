package train

import (
	"context"
	"reflect"
	"testing"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/loader"
	"udml-gpu/engine/method"
	"udml-gpu/engine/network"
	"udml-gpu/engine/run"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// smallViews are the settings of a run of a method with small views.
func smallViews(name string) func(c *setting.Config) {
	return func(c *setting.Config) {
		c.Data, c.Epochs, c.Method, c.Batch, c.Crops, c.CropArea, c.Erase = data.Demo(2), 2, name, 12, 3, "0.2,0.5", 0.5
	}
}

// TestCropsComeBehind: small views are drawn behind the others, of their own size and area, and leave the others as they are.
func TestCropsComeBehind(t *testing.T) {
	for _, name := range method.SmallViewers() {
		c := tiny(t, smallViews(name))
		all, err := ViewsFor(c)
		c.Crops = 0
		usual, errUsual := ViewsFor(c)
		if err != nil || errUsual != nil || len(all) != 5 || !reflect.DeepEqual(all[:2], usual) {
			t.Fatalf("%s: %+v, without small views %+v, %v", name, all, usual, err)
		}
		small := usual[1]
		small.Size, small.Ranges.AreaLo, small.Ranges.AreaHi = 8, 0.2, 0.5
		if !reflect.DeepEqual(all[2:], []loader.View{small, small, small}) {
			t.Errorf("%s: small views are %+v", name, all[2:])
		}
	}
}

// TestCropsResume: a run with small views that is stopped in the middle of its second epoch and resumed leaves the bytes of one that was
// not.
func TestCropsResume(t *testing.T) {
	for _, name := range method.SmallViewers() {
		resumesInSecondEpoch(t, smallViews(name), network.ModelFile, run.OptimizerFile)
	}
}

// TestKeptOfSmallViews: of a frozen backbone pooled features of small views are kept like those of the others.
func TestKeptOfSmallViews(t *testing.T) {
	tr := started(t, frozen(t, "instance", func(c *setting.Config) { c.Crops = 3 }), Session{})
	defer tr.Close()
	if k := tr.kept; k == nil || len(k.outputs) != 2 || k.outputs[1].views != 3 || k.pixels || k.outputs[1].fmap != nil {
		t.Fatalf("kept is %+v", k)
	}
	if _, err := tr.Train(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// TestGPUStepsOfSmallViews: steps with small views have the losses that they have on the CPU.
func TestGPUStepsOfSmallViews(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, _ *kernels.Device) {
		drawings := fewDrawings(t)
		for _, name := range []string{"instance", "nce"} {
			sameSteps(t, 3, func(device string) setting.Config {
				return tiny(t, func(c *setting.Config) {
					c.Data, c.Dim, c.Batch, c.Optimizer, c.LR, c.Device, c.Method, c.Crops = drawings, 8, 5, "sgd", 0.01, device, name, 2
				})
			})
		}
	})
}
