package train

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/rs/zerolog"

	"udml-gpu/engine/data"
	"udml-gpu/engine/images"
	"udml-gpu/engine/network"
	"udml-gpu/engine/run"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/models/tape"
	"udml-gpu/models/weights"
	"udml-gpu/models/weights/file"
)

// tiny is a run on a few of the built-in drawings.
func tiny(t *testing.T, change func(*setting.Config)) setting.Config {
	t.Helper()
	c := setting.Defaults()
	c.Data, c.Labels, c.Backbone, c.Size, c.Channels, c.Invert = data.Demo(3), "none", "conv4", 16, 1, true
	c.Epochs, c.Batch, c.Dim, c.Out = 1, 16, 32, filepath.Join(t.TempDir(), "run")
	c.Set("clusters", 4)
	c.Device = "cpu" // also on a machine with a GPU; tests for a GPU change it
	if change != nil {
		change(&c)
	}
	if err := c.Resolve(); err != nil {
		t.Fatal(err)
	}
	return c
}

// trainTiny runs c with only the training images and returns its result and the bytes of the model.
func trainTiny(t *testing.T, c setting.Config) (*run.Result, []byte, error) {
	t.Helper()
	tr, err := New(context.Background(), c, Session{UI: images.UI{Log: zerolog.Nop()}})
	if err != nil {
		t.Fatal(err)
	}
	onTrainImages(tr) // the demo's 3200 test images would take most of the time
	dev := tr.Network.Device
	r, err := tr.Train(context.Background())
	tr.Close()
	if n := dev.LiveBytes(); n != 0 {
		t.Errorf("%d bytes live after Close", n)
	}
	model, _ := os.ReadFile(filepath.Join(c.Out, "checkpoints", "last", network.ModelFile))
	return r, model, err
}

func TestTrainerFreesEverything(t *testing.T) {
	r, model, err := trainTiny(t, tiny(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	if r.Epochs != 1 || r.After.EffectiveRank <= 1 || len(model) == 0 {
		t.Fatalf("result %+v, %d bytes of model", r, len(model))
	}
}

// TestSameBytesOnAnyCores: the model is a function of the settings, not of cores or loader workers.
func TestSameBytesOnAnyCores(t *testing.T) {
	var want []byte
	for i, cores := range []int{1, 2, 5} {
		old := runtime.GOMAXPROCS(cores)
		_, model, err := trainTiny(t, tiny(t, func(c *setting.Config) { c.Workers = 1 + 3*i }))
		runtime.GOMAXPROCS(old)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			want = model
		}
		if !bytes.Equal(model, want) {
			t.Errorf("%d cores give another model than 1", cores)
		}
	}
	if _, other, _ := trainTiny(t, tiny(t, func(c *setting.Config) { c.Seed = 1 })); bytes.Equal(other, want) {
		t.Error("another seed gives the same model")
	}
}

// TestDivergence: a learning rate that is far too large ends in ErrDiverged, not in a model of NaN.
func TestDivergence(t *testing.T) {
	c := tiny(t, func(c *setting.Config) { c.Optimizer, c.LR, c.Epochs = "sgd", 1e3, 6 })
	c.LR = 1e30 // above the largest value of the flag
	if _, _, err := trainTiny(t, c); !errors.Is(err, network.ErrDiverged) {
		t.Fatalf("error %v, want ErrDiverged", err)
	}
}

// TestBadStepChangesNothing: a step with a number that is not finite leaves parameters, moments and running statistics unchanged.
func TestBadStepChangesNothing(t *testing.T) {
	c := tiny(t, func(c *setting.Config) { c.Optimizer = "adamw" })
	tr, err := BareLearner(c, kernels.CPU())
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Free()
	s := tr.StepFor(c.Batch)
	randomImages(s.Images[0], 1)
	tr.Learn(s)
	before := parameterBytes(t, tr)
	nan := kernels.Data[float32](s.Images[0])
	nan[7] /= 0
	nan[7] -= nan[7] // Inf - Inf
	tr.Learn(s)
	if !bytes.Equal(before, parameterBytes(t, tr)) {
		t.Error("the step changed something")
	}
	randomImages(s.Images[0], 2)
	tr.Learn(s)
	if bytes.Equal(before, parameterBytes(t, tr)) {
		t.Error("the next good step changed nothing")
	}
}

// parameterBytes are all parameters and moments.
func parameterBytes(t *testing.T, tr *Learner) []byte {
	t.Helper()
	var b bytes.Buffer
	for _, params := range [][]*tape.Param{tr.Network.Store.Params(), tr.optim.State()} {
		if err := file.Encode(&b, &file.Weights{Tensors: weights.Dump(params)}); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// randomImages fills a with numbers from 0 to 1.
func randomImages(a *kernels.Array, seed uint64) {
	u := optest.Uniform(kernels.CPU(), kernels.Float32, seed, 0, 1, a.Shape()...) // it writes on the host
	defer u.Free()
	a.CopyFrom(u)
}
