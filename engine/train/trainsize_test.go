package train

import (
	"reflect"
	"testing"

	"udml-gpu/engine/network"
	"udml-gpu/engine/run"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// TestTrainSizeChangesViewsAlone: the two views have the pixels of --train-size and show what those of --size would; small views stay.
func TestTrainSizeChangesViewsAlone(t *testing.T) {
	c := tiny(t, smallViews("instance"))
	usual, err := ViewsFor(c)
	c.TrainSize = 8
	got, errGot := ViewsFor(c)
	if err != nil || errGot != nil {
		t.Fatal(err, errGot)
	}
	for i := range 2 {
		usual[i].Size, usual[i].Ranges.Shows = 8, 16
	}
	if !reflect.DeepEqual(got, usual) {
		t.Errorf("views are %+v, want %+v", got, usual)
	}
	c.TrainSize = 16
	if same, err := ViewsFor(c); err != nil || same[0].Ranges.Shows != 0 || same[0].Size != 16 {
		t.Errorf("--train-size of --size makes %+v, %v", same, err)
	}
}

// TestTrainSizeOfMethods: methods with a decoder, a teacher, clusters of all images and labels train on smaller views.
func TestTrainSizeOfMethods(t *testing.T) {
	for _, name := range []string{"cbswr", "stml", "deepcluster", "triplet"} {
		c := tiny(t, func(c *setting.Config) { c.Method, c.TrainSize, c.Labels = name, 8, "auto" })
		if r, _, err := trainTiny(t, c); err != nil || r.After == nil || r.Epochs != 1 {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

// TestTrainSizeResumes: a run on smaller views that is stopped in the middle of its second epoch and resumed leaves the bytes of one that
// was not.
func TestTrainSizeResumes(t *testing.T) {
	resumesInSecondEpoch(t, func(c *setting.Config) {
		smallViews("mutual")(c)
		c.Crops, c.TrainSize = 0, 8
	}, network.ModelFile, run.OptimizerFile)
}

// TestGPUStepsOfTrainSize: steps on smaller views have the losses that they have on the CPU.
func TestGPUStepsOfTrainSize(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, _ *kernels.Device) {
		drawings := fewDrawings(t)
		for _, name := range []string{"instance", "cbswr"} {
			sameSteps(t, 2, func(device string) setting.Config {
				return tiny(t, func(c *setting.Config) {
					c.Data, c.Dim, c.Batch, c.Optimizer, c.LR, c.Device = drawings, 8, 5, "sgd", 0.01, device
					c.Method, c.TrainSize = name, 8
				})
			})
		}
	})
}
