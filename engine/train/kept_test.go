package train

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/images"
	"udml-gpu/engine/method"
	"udml-gpu/engine/network"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
	"udml-gpu/kernels/rng"
)

// frozen are the settings of a small run of that method on a frozen backbone.
func frozen(t *testing.T, name string, change func(c *setting.Config)) setting.Config {
	t.Helper()
	return tiny(t, func(c *setting.Config) {
		c.Method, c.TrainBlocks, c.Optimizer, c.LR = name, 0, "adamw", 0.01
		if change != nil {
			change(c)
		}
	})
}

// TestKeptOutputs: the loss of each method reads what is kept of it: of instance discrimination, rim and cbs pooled features alone, of
// cbswr also maps and views.
func TestKeptOutputs(t *testing.T) {
	for _, name := range method.Names() {
		tr := started(t, frozen(t, name, nil), Session{})
		k := tr.kept
		if k == nil || len(k.outputs) != 1 || k.outputs[0].views != 2 || k.outputs[0].width != 64 {
			t.Fatalf("%s keeps %+v", name, k)
		}
		if maps := name == "cbswr"; (k.outputs[0].fmap != nil) != maps || k.pixels != maps || (len(tr.StepFor(16).Images) > 0) != maps {
			t.Errorf("%s keeps maps %v, reads views %v", name, k.outputs[0].fmap, k.pixels)
		}
		tr.Close()
	}
}

// started is a trainer before its first step. The caller closes it.
func started(t *testing.T, c setting.Config, s Session) *Trainer {
	t.Helper()
	s.UI = images.UI{Log: zerolog.Nop()}
	tr, err := New(context.Background(), c, s)
	if err != nil {
		t.Fatal(err)
	}
	onTrainImages(tr)
	return tr
}

// TestKeptEqualsBackbone: a step on what is kept has the loss and the gradients of a step that puts the same views through the backbone,
// with and without neighbours as positives, from memory and from a file; in each epoch the views are those of epoch 0. In evaluation mode
// the CPU computes each image on its own, so that the last bits differ: with the embedding layer as whitening by 3.6e-6 at most of what was
// measured (OpenBLAS's Haswell kernels). Without it the features are nearly the same, and the gradients of triplets cancel down to 6e-5. In
// bf16 a map's number may be rounded the other way.
func TestKeptEqualsBackbone(t *testing.T) {
	for _, name := range method.Names() {
		for _, inMemory := range []int64{keptMemory, 0} {
			c := frozen(t, name, func(c *setting.Config) { c.HeadInit = "whiten" })
			keptEqualsBackbone(t, c, inMemory, 5e-5)
		}
	}
	keptEqualsBackbone(t, frozen(t, "cbswr", func(c *setting.Config) { c.Precision = "bf16" }), keptMemory, 0x1p-6)
}

func keptEqualsBackbone(t *testing.T, c setting.Config, inMemory int64, tolerance float64) {
	t.Helper()
	c.Set("positives", "neighbours")
	tr := started(t, c, Session{})
	defer tr.Close()
	tr.kept.inMemory = inMemory
	if err := tr.keep(context.Background()); err != nil {
		t.Fatal(err)
	}
	kept := tr.kept.shelf
	if err := tr.keep(context.Background()); err != nil || tr.kept.shelf != kept {
		t.Errorf("%s: the backbone runs again, error %v", c.Method, err)
	}
	if (kept.file == nil) != (inMemory > 0) {
		t.Errorf("%s: in memory up to %d bytes, in a file: %v", c.Method, inMemory, kept.file != nil)
	}
	if err := tr.plan(context.Background(), 3); err != nil { // it may change parameters
		t.Fatal(err)
	}
	plain, err := newLearner(c, c.Batch, tr.train.Len(), false, network.New, mustMethod(t, c), nil, tr.Network.Device)
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Free()
	for _, p := range plain.Network.Store.Params() { // the embedding layer has been whitened
		p.Value.CopyFrom(tr.Network.Store.Get(p.Name).Value)
	}
	tr.numbers.setEpoch(3)
	plain.numbers.setEpoch(3)
	tr.Network.Arena.Poison()
	for b := range tr.loader.Epoch(3, 1) {
		got, want := tr.StepFor(len(b.Samples)), plain.StepFor(len(b.Samples))
		got.Fill(b)
		for row, sample := range kernels.Read[int32](got.samples) {
			if int(sample) != b.Shown(row) {
				t.Fatalf("%s: row %d shows image %d, want %d", c.Method, row, sample, b.Shown(row))
			}
			view := row / len(b.Samples)
			key := rng.Key{Seed: c.Seed, Sample: uint32(sample), Op: rng.OpAugment, View: uint16(view)}
			tr.train.View(want.Images[0].Rows(row, row+1), int(sample), tr.views[view].Ranges, key, c.Invert)
		}
		want.samples.CopyFrom(got.samples)
		kernels.Write(want.labels, b.Labels)
		got.program.Run()
		want.program.Run()
		sameGradients(t, c.Method, tr.Learner, plain, tolerance)
	}
}

func mustMethod(t *testing.T, c setting.Config) method.Method {
	t.Helper()
	m, err := c.NewMethod()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// sameGradients compares gradients: to within that share of the largest of a parameter.
func sameGradients(t *testing.T, name string, got, want *Learner, tolerance float64) {
	t.Helper()
	for _, p := range got.Network.Store.Trained() {
		g, w := kernels.Data[float32](p.Grad), kernels.Data[float32](want.Network.Store.Get(p.Name).Grad)
		largest := 0.0
		for _, v := range w {
			largest = max(largest, math.Abs(float64(v)))
		}
		for i := range g {
			if !(math.Abs(float64(g[i])-float64(w[i])) <= tolerance*largest+1e-9) {
				t.Fatalf("%s: gradient of %s [%d] is %g, want %g", name, p.Name, i, g[i], w[i])
			}
		}
	}
}

// TestResumeKept: a run that is stopped within its second epoch and resumed, with what is kept in a file then, has the bytes of one
// that was not stopped; no file is left beside it.
func TestResumeKept(t *testing.T) {
	for _, name := range []string{"cbswr", "instance"} {
		two := func(c *setting.Config) { c.Epochs = 2 }
		_, whole, err := trainTiny(t, frozen(t, name, two))
		if err != nil {
			t.Fatal(err)
		}
		half := frozen(t, name, two)
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		tr := started(t, half, Session{Progress: atStep{2, 2, cancel}})
		_, _ = tr.Train(ctx)
		tr.Close()
		tr, err = Resume(context.Background(), half.Out, half, Session{UI: images.UI{Log: zerolog.Nop()}})
		if err != nil {
			t.Fatal(err)
		}
		if tr.state.EpochStep == 0 {
			t.Error("the run was not stopped within an epoch")
		}
		tr.kept.inMemory = 0
		onTrainImages(tr)
		if _, err := tr.Train(context.Background()); err != nil {
			t.Fatal(err)
		}
		tr.Close()
		got, err := os.ReadFile(filepath.Join(half.Out, "checkpoints", "last", network.ModelFile))
		if err != nil || !bytes.Equal(got, whole) {
			t.Errorf("%s: a resumed run has other bytes, error %v", name, err)
		}
		if left, _ := filepath.Glob(filepath.Join(half.Out, ".kept-*")); left != nil {
			t.Errorf("files are left: %v", left)
		}
	}
}

// TestKeptOfEachSize: a method with views of two sizes trains on what is kept of both.
func TestKeptOfEachSize(t *testing.T) {
	s, p := probed(nil)
	c := frozen(t, "cbswr", func(c *setting.Config) { c.FinalWhiten = false })
	trainWith(t, c, s, nil)
	p.bank.Value.Free()
}

// TestKeptIsLost: a run whose file can no longer be read ends at the next checkpoint, without one of what it learnt since.
func TestKeptIsLost(t *testing.T) {
	tr := started(t, frozen(t, "instance", nil), Session{})
	defer tr.Close()
	tr.kept.inMemory = 0
	err := tr.keep(context.Background())
	if err == nil {
		err = tr.kept.shelf.file.Truncate(8)
	}
	if err != nil {
		t.Fatal(err)
	}
	var bad *baddata.Error
	if _, err := tr.Train(context.Background()); !errors.As(err, &bad) || !strings.Contains(err.Error(), "cannot be read any more") {
		t.Errorf("a run on lost features ends with %v", err)
	}
}

// TestTooMuchToKeep: maps beyond the limit are not kept, pooled features always are, and the log says which.
func TestTooMuchToKeep(t *testing.T) {
	k := &kept{images: 1 << 20, floats: 1 << 14, inMemory: keptMemory, outputs: []keptOutput{{views: 2, width: 64}}}
	if !k.fits() || !strings.Contains(k.String(), "in a file without a name beside the run: 65536.0 MiB") {
		t.Error(k.String())
	}
	k.outputs[0].fmap = []int{8, 8, 64}
	if k.fits() || !strings.Contains(k.String(), "runs at each step, because the maps that the loss reads would take 64.0 GiB") {
		t.Error(k.String())
	}
	if k.images = 1 << 10; !k.fits() || !strings.Contains(k.String(), "kept in memory: 64.0 MiB") {
		t.Error(k.String())
	}
}

// TestShelf: numbers come back from memory and from a file, where they were put in any order; a file that ends is an error, which a step
// keeps for the next checkpoint.
func TestShelf(t *testing.T) {
	for _, inMemory := range []int64{1 << 20, 0} {
		s, err := newShelf(10, inMemory, t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range []int64{5, 0} {
			if err := s.put(at, []float32{float32(at), 1, 2, float32(math.Inf(1)), -0.5}); err != nil {
				t.Fatal(err)
			}
		}
		got := make([]float32, 6)
		if err := s.take(got, 3); err != nil || !slices.Equal(got, []float32{float32(math.Inf(1)), -0.5, 5, 1, 2, float32(math.Inf(1))}) {
			t.Errorf("%v, %v", got, err)
		}
		s.close()
	}
	s, err := newShelf(10, 0, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	k := &kept{shelf: s}
	if err := s.file.Truncate(8); err != nil {
		t.Fatal(err)
	}
	got := []float32{1, 2, 3}
	if k.take(got, 1); k.err == nil || !slices.Equal(got, []float32{0, 0, 0}) {
		t.Errorf("%v, error %v", got, k.err)
	}
	if _, err := newShelf(10, 0, filepath.Join(t.TempDir(), "gone")); err == nil || !strings.Contains(err.Error(), "no room for it") {
		t.Error(err)
	}
}
