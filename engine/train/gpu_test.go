package train

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/rs/zerolog"

	"udml-gpu/engine/data"
	"udml-gpu/engine/images"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/report"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
	"udml-gpu/models/layer"
)

// stepBound is the largest relative difference of five steps in float32 on two devices, whose sums have different orders.
const stepBound = 1e-4

// fewDrawings is a folder of 12 training images and one test image: on the emulated GPU each costs 0.01 seconds a step.
func fewDrawings(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for n := range 13 {
		drawing := image.NewGray(image.Rect(0, 0, 20, 20))
		for i := range drawing.Pix {
			drawing.Pix[i] = uint8(i * (n + 3) % 251)
		}
		file := filepath.Join(dir, []string{"train", "test"}[n/12], "a", fmt.Sprintf("%02d.png", n))
		var b bytes.Buffer
		err := errors.Join(png.Encode(&b, drawing), os.MkdirAll(filepath.Dir(file), 0o777), os.WriteFile(file, b.Bytes(), 0o666))
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// firstSteps are the loss and its terms in the first steps of a run.
func firstSteps(t *testing.T, c setting.Config, steps int) [][]float64 {
	t.Helper()
	tr, err := New(context.Background(), c, Session{UI: images.UI{Log: zerolog.Nop()}})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	if err := tr.keep(context.Background()); err != nil {
		t.Fatal(err)
	}
	tr.numbers.setEpoch(1)
	var list [][]float64
	for b := range tr.loader.Epoch(1, 0) {
		if len(list) == steps {
			break
		}
		s := tr.StepFor(len(b.Samples))
		s.Fill(b)
		tr.Learn(s)
		row := []float64{layer.Scalar(s.out.Loss, 0)}
		for _, term := range s.out.Terms {
			row = append(row, layer.Scalar(term.Value, term.Index))
		}
		list = append(list, row)
	}
	if err := machine.Fault(tr.Network.Device); err != nil {
		t.Fatal(err)
	}
	return list
}

// TestGPUStepsEqualCPU compares the loss and its terms in the first five steps of CBSwR with the CPU's. It uses plain SGD,
// whose step is as small as its gradient: AdamW makes a full step of a gradient that is mostly rounding.
func TestGPUStepsEqualCPU(t *testing.T) { gpuStepsEqualCPU(t, 5, 1) }

// TestGPUStepsInPartsEqualCPU is the same with batches that go through the backbone in three parts.
func TestGPUStepsInPartsEqualCPU(t *testing.T) { gpuStepsEqualCPU(t, 2, 3) }

func gpuStepsEqualCPU(t *testing.T, steps, parts int) {
	parity.OnGPU(t, func(t *testing.T, _ *kernels.Device) {
		on := func(device string) setting.Config {
			return tiny(t, func(c *setting.Config) {
				c.Data, c.Batch, c.Optimizer, c.LR, c.Device, c.Accumulate = data.Demo(2), 8, "sgd", 0.01, device, parts
			})
		}
		sameSteps(t, steps, on)
	})
}

// sameSteps compares the loss and its terms in the first steps of the runs of on with the devices' names.
func sameSteps(t *testing.T, steps int, on func(device string) setting.Config) {
	t.Helper()
	want, got := firstSteps(t, on("cpu"), steps), firstSteps(t, on("cuda"), steps)
	if len(want) != steps || len(got) != steps {
		t.Fatalf("%d and %d steps", len(want), len(got))
	}
	for i := range want {
		for j := range want[i] {
			if !(math.Abs(got[i][j]-want[i][j]) <= stepBound*math.Abs(want[i][j])) {
				t.Errorf("step %d, term %d: %.8g on the GPU, %.8g on the CPU", i, j, got[i][j], want[i][j])
			}
		}
	}
}

// TestGPUTrainsTheSameTwice: two whole runs of one epoch on the GPU give the same bytes.
func TestGPUTrainsTheSameTwice(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, _ *kernels.Device) {
		var models [][]byte
		drawings := fewDrawings(t) // a batch of 8, and one of 4
		for i := range 2 {
			c := tiny(t, func(c *setting.Config) { c.Data, c.Dim, c.Batch, c.Device, c.Workers = drawings, 8, 8, "cuda", 1+i })
			r, model, err := trainTiny(t, c)
			if err != nil {
				t.Fatal(err)
			}
			if r.Epochs != 1 || !(r.After.EffectiveRank > 1) || len(model) == 0 {
				t.Fatalf("result %+v, %d bytes of model", r, len(model))
			}
			models = append(models, model)
		}
		if !bytes.Equal(models[0], models[1]) {
			t.Error("two runs give different models")
		}
	})
}

// TestGPUImagesThatDoNotFit: views of images that are uploaded with each batch equal those of images kept on the device.
func TestGPUImagesThatDoNotFit(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, _ *kernels.Device) {
		c := tiny(t, func(c *setting.Config) { c.Data, c.Batch, c.Device = fewDrawings(t), 4, "cuda" })
		tr, err := New(context.Background(), c, Session{UI: images.UI{Log: zerolog.Nop()}})
		if err != nil {
			t.Fatal(err)
		}
		defer tr.Close()
		resident := firstViews(tr)
		tr.loader.Close()
		tr.train.Evict()
		tr.test.Evict()
		tr.makeLoader(c)
		if !bytes.Equal(resident, firstViews(tr)) {
			t.Error("the views differ")
		}
		if err := machine.Fault(tr.Network.Device); err != nil {
			t.Fatal(err)
		}
	})
}

// firstViews are the views, image numbers and labels of two epochs as bytes.
func firstViews(tr *Trainer) []byte {
	var all []byte
	for epoch := range 2 {
		for b := range tr.loader.Epoch(epoch, 0) {
			s := tr.StepFor(len(b.Samples))
			s.Fill(b)
			for _, a := range []*kernels.Array{s.Images[0], s.samples, s.labels} {
				all = append(all, kernels.Read[uint8](a.Carve(kernels.Uint8, 0, a.Bytes()))...)
			}
		}
	}
	return all
}

// TestGPUFaultEndsTheRun: a fault in the middle of an epoch is a DeviceError, and no checkpoint is written after it.
func TestGPUFaultEndsTheRun(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, _ *kernels.Device) {
		c := tiny(t, func(c *setting.Config) { c.Data, c.Batch, c.Device = fewDrawings(t), 4, "cuda" })
		tr, err := New(context.Background(), c, Session{UI: images.UI{Log: zerolog.Nop()}})
		if err != nil {
			t.Fatal(err)
		}
		defer tr.Close()
		onTrainImages(tr)
		tr.show = &breaker{tr.Network.Device}
		_, err = tr.epochs(context.Background())
		if _, ok := err.(*machine.DeviceError); !ok {
			t.Fatalf("error %v", err)
		}
		if tr.saving.any {
			t.Error("a checkpoint of the broken state was written")
		}
	})
}

// breaker breaks the device at the second step.
type breaker struct{ dev *kernels.Device }

func (b *breaker) Step(at report.Position, _ map[string]float64) {
	if at.Step == 2 {
		b.dev.Launch(breaking, kernels.Elements(1))
	}
}

func (*breaker) Clear() {}

var breaking = kernels.NewKernel("test_no_such_kernel")

// TestGPUHasAllKernels: every kernel that a launcher names is in the module.
func TestGPUHasAllKernels(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, dev *kernels.Device) {
		n, err := dev.LoadKernels()
		if n < 50 || err == nil || err.Error() != "the module has no kernel "+breaking.Name() {
			t.Errorf("%d kernels: %v; want only %s to be missing", n, err, breaking.Name())
		}
	})
}
