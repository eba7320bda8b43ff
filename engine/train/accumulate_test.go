package train

import (
	"bytes"
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"udml-gpu/engine/images"
	"udml-gpu/engine/method"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// TestStepsInParts: of a network without batch norm the parameters after two steps in parts, the last one uneven, are those after steps
// of whole batches, with every method.
func TestStepsInParts(t *testing.T) {
	// float32 rounds to 6e-8. A gradient sums thousands of terms, and that of a bias in front of a batch norm is the small rest of terms
	// that cancel: 1e-3 of what it moves. TestPartsGiveTheStep (engine/method) has a sharp bound in float64. The rows of a transformer that
	// has not been trained are far closer together than they are long, and stml sees nothing but how far apart they are: their rounding is
	// that much more of it, in all parameters alike, also in those that move all rows together and so by next to nothing.
	const bound, boundOfDistances = 1e-3, 1e-2
	for _, name := range partNames[:2] {
		for _, m := range method.Names() {
			c := partly(t, name, layer.AllBlocks)
			c.Method, c.Optimizer = m, "sgd"
			start, whole := stepped(t, c, 0), stepped(t, c, 2)
			c.Accumulate = 3
			parts := stepped(t, c, 2)
			least := 0.0
			for _, p := range whole.Network.Store.Trained() {
				if m == "stml" && strings.Contains(name, ":") {
					before := kernels.Data[float32](start.Network.Store.Get(p.Name).Value)
					least = max(least, boundOfDistances*away(kernels.Data[float32](p.Value), before))
				}
			}
			for _, p := range whole.Network.Store.Trained() {
				want, got := kernels.Data[float32](p.Value), kernels.Data[float32](parts.Network.Store.Get(p.Name).Value)
				moved, off := away(want, kernels.Data[float32](start.Network.Store.Get(p.Name).Value)), away(want, got)
				if !(off <= bound*moved+least+1e-7*math.Sqrt(float64(len(want)))) {
					t.Errorf("%s of %s: %s is %g away, after a way of %g", m, name, p.Name, off, moved)
				}
			}
			start.Free()
			whole.Free()
			parts.Free()
		}
	}
}

// away is the Euclidean distance.
func away(x, y []float32) float64 {
	sum := 0.0
	for i := range x {
		sum += math.Pow(float64(x[i]-y[i]), 2)
	}
	return math.Sqrt(sum)
}

// TestPartsOfBatchNorm: the running statistics of the backbone are those after two smaller steps with the first parameters, on the images
// of the first part and on those of the second: once for each part, in order.
func TestPartsOfBatchNorm(t *testing.T) {
	after := func(first, last, parts int) map[string][]float32 {
		c := partly(t, "conv4", layer.AllBlocks)
		c.Batch, c.Accumulate = last-first, parts
		l := stepped(t, c, 0)
		defer l.Free()
		all := l.Network.Device.New(kernels.Float32, 2*5, c.Size, c.Size, c.Channels)
		defer all.Free()
		randomImages(all, 3)
		s := l.StepFor(c.Batch)
		for view := range 2 {
			s.Images[0].Rows(view*c.Batch, (view+1)*c.Batch).CopyFrom(all.Rows(5*view+first, 5*view+last))
		}
		l.Learn(s)
		statistics := map[string][]float32{}
		for _, p := range l.Network.Store.Params() {
			if p.Group == tape.Backbone && strings.Contains(p.Name, ".running_") {
				statistics[p.Name] = slices.Clone(kernels.Data[float32](p.Value))
			}
		}
		return statistics
	}
	got, first, second := after(0, 5, 2), after(0, 2, 1), after(2, 5, 1)
	for name, values := range got {
		start := 0.0
		if strings.HasSuffix(name, "var") {
			start = 1
		}
		for i, v := range values {
			// a step goes a tenth of the way from what there was
			want := 0.9*float64(first[name][i]) + float64(second[name][i]) - 0.9*start
			if !(math.Abs(float64(v)-want) <= 4e-7*(math.Abs(want)+1)) { // some roundings of float32, 6e-8 each
				t.Errorf("%s, channel %d: %g, want %g", name, i, v, want)
			}
		}
	}
	if len(got) != 8 {
		t.Errorf("%d statistics", len(got))
	}
}

// TestBadPartChangesNothing: where one part of a step gives numbers that are not finite, parameters, moments and the statistics of all
// parts stay as they were.
func TestBadPartChangesNothing(t *testing.T) {
	c := partly(t, "conv4", layer.AllBlocks)
	c.Accumulate, c.Optimizer = 4, "adamw"
	l := stepped(t, c, 1)
	defer l.Free()
	for image := range c.Batch {
		before := parameterBytes(t, l)
		s := l.StepFor(c.Batch)
		randomImages(s.Images[0], 1)
		kernels.Data[float32](s.Images[0].Rows(image, image+1))[7] = float32(math.NaN())
		l.Learn(s)
		if kernels.Data[int32](l.skip)[0] == 0 || !bytes.Equal(before, parameterBytes(t, l)) {
			t.Errorf("image %d of %d: the step changed something", image, c.Batch)
		}
	}
	before := parameterBytes(t, l)
	s := l.StepFor(c.Batch)
	randomImages(s.Images[0], 2)
	l.Learn(s)
	if bytes.Equal(before, parameterBytes(t, l)) {
		t.Error("the next good step changed nothing")
	}
}

// TestRunInParts: a run in parts, with a smaller last batch, that stops within an epoch and is resumed leaves the bytes of one that does
// not, also of a method with views of several sizes. It says once that batch norm sees parts.
func TestRunInParts(t *testing.T) {
	settings := func(c *setting.Config) { c.Epochs, c.Optimizer, c.Accumulate = 2, "adamw", 3 }
	whole := tiny(t, settings)
	if _, _, err := trainTiny(t, whole); err != nil {
		t.Fatal(err)
	}
	half := tiny(t, settings)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	log := &bytes.Buffer{}
	tr, err := New(ctx, half, Session{UI: images.UI{Log: zerolog.New(log)}, Progress: atStep{2, 2, cancel}})
	if err != nil {
		t.Fatal(err)
	}
	stopsAt(t, tr, ctx, half, [2]int{2, 2})
	wantRunFiles(t, runFiles(t, whole.Out), half.Out)
	if n := strings.Count(log.String(), "--accumulate 3: conv4 has batch norm"); n != 1 {
		t.Errorf("batch norm is mentioned %d times", n)
	}
}

// TestWhatNormsBatches: batch norm is of importance where the backbone has it in what is trained.
func TestWhatNormsBatches(t *testing.T) {
	for _, c := range []struct {
		network string
		blocks  int
		want    bool
	}{{"conv4", layer.AllBlocks, true}, {"conv4", 1, true}, {"conv4", 0, false}, {"squeezenet", layer.AllBlocks, false}} {
		l := stepped(t, partly(t, c.network, c.blocks), 0)
		if l.normsBatches() != c.want {
			t.Errorf("%s, %d blocks: %v", c.network, c.blocks, !c.want)
		}
		l.Free()
	}
}

// TestPartsBelongToARun: a resumed run keeps its parts, and takes others where that is allowed. A run from before there were any has one.
func TestPartsBelongToARun(t *testing.T) {
	run := tiny(t, func(c *setting.Config) { c.Accumulate = 3 })
	if _, _, err := trainTiny(t, run); err != nil {
		t.Fatal(err)
	}
	other := run
	other.Accumulate, other.Epochs = 1, 2
	if _, err := other.CompatibleWith(run, nil); err == nil || !strings.Contains(err.Error(), "--accumulate 1 differs from the run's 3") {
		t.Errorf("other parts are taken: %v", err)
	}
	changes, err := other.CompatibleWith(run, setting.Allowance{"accumulate"})
	if err != nil || len(changes) != 1 {
		t.Fatalf("changes %v, error %v", changes, err)
	}
	if result, _ := resumedModel(t, other, changes); result.Epochs != 2 {
		t.Errorf("result %+v", result)
	}
	if parts := setting.Earlier(); parts.Accumulate != 1 {
		t.Errorf("an earlier run has %d parts", parts.Accumulate)
	}
}
