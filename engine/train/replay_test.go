package train

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"udml-gpu/engine/images"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// replayCases are runs of two epochs with batches of 5, 5 and 2 images: the third and fourth of 5 are launched as a graph. The rate changes
// with each step, and cbs and cbswr draw dropout masks.
var replayCases = []struct {
	name   string
	change func(*setting.Config)
}{
	{"cbs", func(c *setting.Config) { c.Method = "cbs" }},
	{"cbswr", func(c *setting.Config) { c.Method = "cbswr" }},
	{"rim", stored("rim")},
	{"drop path", func(c *setting.Config) {
		c.Backbone, c.Pretrained, c.Channels, c.Invert = "vit:dim=16,depth=3,heads=1,patch=4,grid=4", "false", 3, false
		c.Method, c.DropPath = "instance", 0.6
	}},
	{"accumulate", func(c *setting.Config) { c.Method, c.Accumulate = "cbs", 2 }},
	{"instance", func(c *setting.Config) { c.Method, c.Optimizer, c.ClipGrad, c.LR = "instance", "sgd", 0.1, 0.01 }},
	{"nce", stored("nce")},
	{"stml", func(c *setting.Config) { stored("stml")(c); c.Set("stml-dim", 16) }},
	{"deepcluster", stored("deepcluster")},
	{"mom", stored("mom")},
	{"mutual", stored("mutual")},
	{"shards", func(c *setting.Config) { c.Method, c.Shards = "cbs", 2 }},
	{"small views", func(c *setting.Config) { c.Method, c.Crops = "nce", 2 }},
	{"train size", func(c *setting.Config) {
		stored("mutual")(c)
		c.TrainSize, c.EvalEvery, c.HeadInit = 8, 1, "whiten"
	}},
	{"kept", func(c *setting.Config) { stored("rim")(c); c.TrainBlocks = 0 }},
	{"bf16", func(c *setting.Config) { c.Method, c.Precision = "cbswr", "bf16" }},
	{"bf16 accumulate", func(c *setting.Config) { c.Method, c.Precision, c.Accumulate, c.Recompute = "cbswr", "bf16", 2, true }},
	{"bf16 vit", func(c *setting.Config) {
		c.Backbone, c.Pretrained, c.Channels, c.Invert = "vit:dim=16,depth=2,heads=2,patch=4,grid=4", "false", 3, false
		c.Precision, c.DropPath = "bf16", 0.5
	}},
	{"bf16 shards", func(c *setting.Config) { c.Method, c.Precision, c.Shards = "cbswr", "bf16", 2 }},
}

// stored is a method in bfloat16, which takes the emulated GPU half of the time: what a method adds to a step is float32 in either.
func stored(method string) func(*setting.Config) {
	return func(c *setting.Config) { c.Method, c.Precision = method, "bf16" }
}

func replayConfig(t *testing.T, drawings string, change func(*setting.Config)) setting.Config {
	t.Helper()
	return tiny(t, func(c *setting.Config) {
		c.Data, c.Dim, c.Batch, c.Epochs, c.Warmup, c.Device = drawings, 8, 5, 2, 9, "cuda"
		change(c)
	})
}

// trainReplaying is a run with graphs, or without; it fails if steps of 5 images were not what they should be.
func trainReplaying(t *testing.T, c setting.Config, replay bool) {
	t.Helper()
	if replay {
		parity.Graphs(t)
	}
	tr, err := New(context.Background(), c, Session{UI: images.UI{Log: zerolog.Nop()}})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	tr.Replay(replay)
	if _, err := onTrainImages(tr).Train(context.Background()); err != nil {
		t.Fatal(err)
	}
	if yes, why := tr.Replays(tr.StepFor(5)); yes != replay {
		t.Errorf("steps of 5 images are graphs: %v, want %v (%s)", yes, replay, why)
	}
}

// TestGPUReplayEqualsSteps: a run whose steps are launched as graphs leaves the bytes of one whose steps are queued op by op: model,
// optimiser and metrics.
func TestGPUReplayEqualsSteps(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, _ *kernels.Device) {
		drawings := fewDrawings(t)
		for _, k := range replayCases {
			t.Run(k.name, func(t *testing.T) {
				plain, graphs := replayConfig(t, drawings, k.change), replayConfig(t, drawings, k.change)
				trainReplaying(t, plain, false)
				trainReplaying(t, graphs, true)
				wantRunFiles(t, runFiles(t, plain.Out), graphs.Out)
			})
		}
	})
}

// TestGPUReplayResumes: a run that is stopped after a graph has been launched, and resumed, leaves the bytes of one without graphs.
func TestGPUReplayResumes(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, _ *kernels.Device) {
		drawings, change := fewDrawings(t), func(c *setting.Config) { c.Method = "cbs" }
		whole, c := replayConfig(t, drawings, change), replayConfig(t, drawings, change)
		trainReplaying(t, whole, false)
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		tr, err := New(ctx, c, Session{UI: images.UI{Log: zerolog.Nop()}, Progress: atStep{2, 1, cancel}})
		if err != nil {
			t.Fatal(err)
		}
		stopsAt(t, tr, ctx, c, [2]int{2, 1})
		wantRunFiles(t, runFiles(t, whole.Out), c.Out)
	})
}

// TestGPUReplayFallsBack: where no graph can be made, a run says so once and leaves the same bytes.
func TestGPUReplayFallsBack(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, _ *kernels.Device) {
		drawings, change := fewDrawings(t), func(c *setting.Config) { c.Method = "instance" }
		whole, c := replayConfig(t, drawings, change), replayConfig(t, drawings, change)
		trainReplaying(t, whole, true)
		t.Setenv("UDML_SYNC", "1")
		var log bytes.Buffer
		tr, err := New(context.Background(), c, Session{UI: images.UI{Log: zerolog.New(&log)}})
		if err != nil {
			t.Fatal(err)
		}
		defer tr.Close()
		if _, err := onTrainImages(tr).Train(context.Background()); err != nil {
			t.Fatal(err)
		}
		if yes, why := tr.Replays(tr.StepFor(5)); yes || !strings.Contains(why, "UDML_SYNC=1") {
			t.Errorf("a graph: %v, because %q", yes, why)
		}
		if n := strings.Count(log.String(), "not as CUDA graphs"); n != 1 {
			t.Errorf("the log says %d times that there are no graphs:\n%s", n, log.String())
		}
		wantRunFiles(t, runFiles(t, whole.Out), c.Out)
	})
}

// TestGPUFrozenNumbersAreNoticed: were the numbers of a step captured with it, as launch arguments are, every launch would be that step,
// and the comparisons above would fail.
func TestGPUFrozenNumbersAreNoticed(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, _ *kernels.Device) {
		parity.Graphs(t)
		c := replayConfig(t, fewDrawings(t), func(c *setting.Config) { c.Method = "instance" })
		after := func(frozen bool) []byte {
			dev, err := machine.Open(c, zerolog.Nop())
			if err != nil {
				t.Fatal(err)
			}
			defer dev.Close()
			l, err := BareLearner(c, dev)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Free()
			s := l.StepFor(c.Batch)
			randomImages(s.Images[0], 1)
			step := func() { l.Learn(s) }
			for range warmSteps {
				step()
			}
			if l.Replay(!frozen); frozen {
				g, err := dev.Capture(step)
				if err != nil {
					t.Fatal(err)
				}
				defer g.Free()
				step = g.Launch
			}
			step()
			step()
			bytes := parameterBytes(t, l)
			if yes, why := l.Replays(s); yes == frozen {
				t.Errorf("a graph of the learner's own: %v, %s", yes, why)
			}
			return bytes
		}
		if bytes.Equal(after(true), after(false)) {
			t.Error("steps with the numbers of another leave the same parameters")
		}
	})
}
