package train

import (
	"bytes"
	"context"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"udml-gpu/engine/images"
	"udml-gpu/engine/method"
	"udml-gpu/engine/network"
	"udml-gpu/engine/run"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// partly are the settings of a small step of that network in which the last blocks are trained.
func partly(t *testing.T, name string, blocks int) setting.Config {
	t.Helper()
	return tiny(t, func(c *setting.Config) {
		c.Backbone, c.Pretrained, c.TrainBlocks, c.Batch, c.LR = name, "false", blocks, 4, 0.1
		switch {
		case name == "conv4":
			c.Size = 16
		case strings.HasPrefix(name, "dinov2"):
			c.Channels, c.Invert, c.Size = 3, false, 28
		default:
			c.Channels, c.Invert, c.Size = 3, false, 40
		}
	})
}

// stepped is a learner after so many steps on the same images in poisoned memory. The caller frees it.
func stepped(t *testing.T, c setting.Config, steps int) *Learner {
	t.Helper()
	precision, err := kernels.ParsePrecision(c.Precision)
	if err != nil {
		t.Fatal(err)
	}
	l, err := BareLearner(c, kernels.CPUAt(precision))
	if err != nil {
		t.Fatal(err)
	}
	l.Network.Arena.Poison()
	s := l.StepFor(c.Batch)
	for i := range steps {
		randomImages(s.Images[0], uint64(i))
		l.Learn(s)
		if kernels.Data[int32](l.skip)[0] != 0 {
			t.Fatalf("%s: step %d is not finite", c.Backbone, i)
		}
	}
	return l
}

// partNames are networks without batch norm, with features of several stages and of one, and with batch norm.
var partNames = []string{"squeezenet", "dinov2:dim=64,depth=2,heads=1", "conv4"}

// TestTrainBlocks: after two steps everything frozen, running statistics too, has the bytes that it began with, and everything trained
// differs; only what is trained has moments, and the step takes less memory than where the whole network is trained.
func TestTrainBlocks(t *testing.T) {
	for _, name := range partNames {
		var memory []int
		for _, blocks := range []int{0, 1, 2, layer.AllBlocks} {
			c := partly(t, name, blocks)
			n, err := StepMemory(c)
			if err != nil {
				t.Fatal(err)
			}
			memory = append(memory, n)
			before, after := stepped(t, c, 0), stepped(t, c, 2)
			for _, p := range after.Network.Store.Params() {
				same := slices.Equal(kernels.Data[float32](p.Value), kernels.Data[float32](before.Network.Store.Get(p.Name).Value))
				if p.Frozen != same {
					t.Errorf("%s, %d blocks: %s is frozen %v and unchanged %v", name, blocks, p.Name, p.Frozen, same)
				}
			}
			for _, m := range after.optim.State() {
				if p := after.Network.Store.Get(strings.TrimSuffix(m.Name, ".momentum_buffer")); p != nil && p.Frozen {
					t.Errorf("%s, %d blocks: a moment %s", name, blocks, m.Name)
				}
			}
			before.Free()
			after.Free()
		}
		if !slices.IsSorted(memory) || memory[1] >= memory[3] {
			t.Errorf("%s: bytes of the steps that train 0, 1, 2 and all blocks: %v", name, memory)
		}
	}
}

// TestGradientsOfAPart: what is trained of a network without batch norm has the same gradients as where all of it is, bit for bit,
// with every method.
func TestGradientsOfAPart(t *testing.T) {
	for _, name := range partNames[:2] {
		for _, m := range method.Names() {
			gradients := func(blocks int) map[string][]float32 {
				c := partly(t, name, blocks)
				c.Method = m
				l := stepped(t, c, 1)
				defer l.Free()
				all := map[string][]float32{}
				for _, p := range l.Network.Store.Trained() {
					all[p.Name] = slices.Clone(kernels.Data[float32](p.Grad))
				}
				return all
			}
			whole := gradients(layer.AllBlocks)
			for _, blocks := range []int{0, 1, 2} {
				part := gradients(blocks)
				if len(part) == 0 || len(part) >= len(whole) {
					t.Errorf("%s %s, %d blocks: %d of %d parameters are trained", name, m, blocks, len(part), len(whole))
				}
				for p, g := range part {
					if !slices.Equal(g, whole[p]) {
						t.Errorf("%s %s, %d blocks: the gradient of %s is not that of a whole step", name, m, blocks, p)
					}
				}
			}
		}
	}
}

// TestLayerDecayOfANetwork: a step of sgd moves each parameter by its gradient, the rate, and the decay for each block behind it.
func TestLayerDecayOfANetwork(t *testing.T) {
	for _, name := range partNames {
		c := partly(t, name, layer.AllBlocks)
		c.Optimizer, c.LR, c.BackboneRate, c.LayerDecay = "sgd", 0.125, 0.5, 0.25
		before, after := stepped(t, c, 0), stepped(t, c, 1)
		depths := map[int]bool{}
		for _, p := range after.Network.Store.Trained() {
			rate := 0.125
			if p.Group == tape.Backbone {
				rate *= 0.5 * math.Pow(0.25, float64(p.Depth))
			}
			depths[p.Depth] = true
			was, grad := kernels.Data[float32](before.Network.Store.Get(p.Name).Value), kernels.Data[float32](p.Grad)
			for i, v := range kernels.Data[float32](p.Value) {
				want := float64(was[i]) - rate*float64(grad[i])
				// the product is rounded and then the difference, each to half a unit of float32
				if !(math.Abs(float64(v)-want) <= 0x1p-24*(math.Abs(want)+math.Abs(rate*float64(grad[i])))*1.001) {
					t.Fatalf("%s %s [%d]: %g, want %g", name, p.Name, i, v, want)
				}
			}
		}
		if len(depths) < len(after.Network.Backbone.Blocks) {
			t.Errorf("%s: depths %v", name, depths)
		}
		before.Free()
		after.Free()
	}
}

// TestResumeAPart: one epoch, a stop and another epoch give the bytes and the figures of two epochs where a part of the network is
// trained: also where features of a frozen backbone are kept, which a resumed run makes anew.
func TestResumeAPart(t *testing.T) {
	for _, blocks := range []int{0, 1} {
		part := func(c *setting.Config) {
			c.TrainBlocks, c.Epochs, c.Optimizer, c.EvalEvery, c.Labels = blocks, 2, "adamw", 1, "auto"
			c.CollapseEvals = 0 // features of random weights are nearly the same for all images
		}
		result, whole, err := trainTiny(t, tiny(t, part))
		if err != nil {
			t.Fatal(err)
		}
		half := tiny(t, func(c *setting.Config) { part(c); c.Epochs = 1 })
		if _, _, err := trainTiny(t, half); err != nil {
			t.Fatal(err)
		}
		half.Epochs = 2
		again, got := resumedModel(t, half, nil)
		if !bytes.Equal(got, whole) || !reflect.DeepEqual(again.After, result.After) || again.After.Scores == nil {
			t.Errorf("%d blocks: another model or other figures after a resume: %+v, want %+v", blocks, again.After, result.After)
		}
	}
}

// TestResumeAnotherPart: a run keeps its part. Where that is allowed to change, the optimiser starts anew.
func TestResumeAnotherPart(t *testing.T) {
	first := tiny(t, func(c *setting.Config) { c.TrainBlocks, c.Optimizer = 1, "adamw" })
	_, before, err := trainTiny(t, first)
	if err != nil {
		t.Fatal(err)
	}
	other := first
	other.Epochs, other.TrainBlocks = 2, 2
	_, err = other.CompatibleWith(first, nil)
	if err == nil || !strings.Contains(err.Error(), "--train-blocks 2 differs from the run's 1") {
		t.Errorf("another part is taken: %v", err)
	}
	changes, err := other.CompatibleWith(first, setting.Allowance{"train-blocks"})
	if err != nil || len(changes) != 1 {
		t.Fatalf("changes %v, error %v", changes, err)
	}
	if _, got := resumedModel(t, other, changes); bytes.Equal(got, before) {
		t.Error("an epoch with another part changes nothing")
	}
}

// resumedModel resumes the run of c and returns its result and the bytes of its model.
func resumedModel(t *testing.T, c setting.Config, changes []setting.Change) (*run.Result, []byte) {
	t.Helper()
	s := Session{UI: images.UI{Log: zerolog.Nop()}, ResumeOptions: ResumeOptions{Changes: changes}}
	tr, err := Resume(context.Background(), c.Out, c, s)
	if err != nil {
		t.Fatal(err)
	}
	onTrainImages(tr)
	result, err := tr.Train(context.Background())
	tr.Close()
	if err != nil {
		t.Fatal(err)
	}
	model, err := os.ReadFile(filepath.Join(c.Out, "checkpoints", "last", network.ModelFile))
	if err != nil {
		t.Fatal(err)
	}
	return result, model
}
