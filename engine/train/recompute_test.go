package train

import (
	"bytes"
	"slices"
	"testing"

	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
	"udml-gpu/models/backbone"
	"udml-gpu/models/layer"
)

// recomputeCases are steps of networks of every kind: with and without batch norm, residual and not, of stages that are pooled together,
// with attention; whole, in parts, in shards whose batch norms meet, with frozen blocks and with stochastic depth.
var recomputeCases = map[string]func(t *testing.T) setting.Config{
	"conv4":      stepOfNetwork("conv4", func(*setting.Config) {}),
	"resnet18":   stepOfNetwork("resnet18", func(c *setting.Config) { c.DropPath = 0.5 }),
	"squeezenet": stepOfNetwork("squeezenet", func(c *setting.Config) { c.Method = "cbswr" }),
	"googlenet":  stepOfNetwork("googlenet", func(*setting.Config) {}),
	"vit": stepOfNetwork("dinov2:dim=64,depth=3,heads=1", func(c *setting.Config) {
		c.DropPath, c.Method = 0.5, "cbswr"
	}),
	"in parts": stepOfNetwork("dinov2:dim=64,depth=3,heads=1", func(c *setting.Config) {
		c.DropPath, c.Accumulate, c.Method = 0.5, 3, "cbswr"
	}),
	"batch norm in parts": stepOfNetwork("conv4", func(c *setting.Config) { c.Accumulate = 2 }),
	"shards":              stepOfNetwork("conv4", func(c *setting.Config) { c.Shards, c.Method, c.TrainBlocks = 3, "cbswr", 3 }),
	"shards of hosts":     stepOfNetwork("conv4", func(c *setting.Config) { c.Shards, c.BatchNorm, c.NormShards = 4, "host", 2 }),
	"shards in parts": stepOfNetwork("dinov2:dim=64,depth=3,heads=1", func(c *setting.Config) {
		c.Shards, c.Accumulate, c.DropPath = 3, 2, 0.5
	}),
	"frozen blocks":      stepOfNetwork("dinov2:dim=64,depth=3,heads=1", func(c *setting.Config) { c.TrainBlocks, c.DropPath = 2, 0.5 }),
	"frozen batch norms": stepOfNetwork("conv4", func(c *setting.Config) { c.BatchNorm, c.Shards = "frozen", 2 }),
	"bf16":               stepOfNetwork("squeezenet", func(c *setting.Config) { c.Method, c.Precision = "cbswr", "bf16" }),
	"bf16 in parts":      stepOfNetwork("conv4", func(c *setting.Config) { c.Accumulate, c.Precision = 2, "bf16" }),
	"bf16 shards": stepOfNetwork("conv4", func(c *setting.Config) {
		c.Shards, c.Method, c.TrainBlocks, c.Precision = 3, "cbswr", 3, "bf16"
	}),
	"bf16 vit": stepOfNetwork("dinov2:dim=64,depth=3,heads=1", func(c *setting.Config) {
		c.Accumulate, c.Method, c.TrainBlocks, c.Precision, c.DropPath = 2, "cbswr", 2, "bf16", 0.5
	}),
	"bf16 frozen batch norms": stepOfNetwork("conv4", func(c *setting.Config) { c.BatchNorm, c.Precision = "frozen", "bf16" }),
}

func stepOfNetwork(name string, change func(*setting.Config)) func(*testing.T) setting.Config {
	return func(t *testing.T) setting.Config {
		c := partly(t, name, layer.AllBlocks)
		c.Method, c.Optimizer, c.LR = "rim", "adamw", 0.01
		change(&c)
		return c
	}
}

// TestRecomputeGivesTheBytes: parameters, moments and running statistics after two steps are those of steps that keep everything, in
// memory that is filled with NaN as soon as the plan frees it.
func TestRecomputeGivesTheBytes(t *testing.T) {
	for name, of := range recomputeCases {
		t.Run(name, func(t *testing.T) {
			var states [2][]byte
			for i, recompute := range []bool{false, true} {
				c := of(t)
				c.Recompute = recompute
				l := stepped(t, c, 2)
				states[i] = parameterBytes(t, l)
				l.Free()
			}
			if !bytes.Equal(states[0], states[1]) {
				t.Error("the bytes differ")
			}
		})
	}
}

// TestRecomputeTakesLessMemory: of a step of a transformer with 12 blocks the inputs of all and the inner values of one are held: a block
// holds some ten times its input. In parts these are of one part. Frozen blocks, which hold nothing, are as they were.
func TestRecomputeTakesLessMemory(t *testing.T) {
	planned := func(recompute bool, change func(c *setting.Config)) float64 {
		c := wide(t, "dinov2:dim=64,depth=12,heads=1", "rim", 1)
		c.Recompute = recompute
		change(&c)
		n, err := StepMemory(c)
		if err != nil {
			t.Fatal(err)
		}
		return float64(n)
	}
	for name, k := range map[string]struct {
		change func(c *setting.Config)
		most   float64
	}{
		"whole":    {func(*setting.Config) {}, 0.25},
		"in parts": {func(c *setting.Config) { c.Accumulate = 4 }, 0.3},
		"shards":   {func(c *setting.Config) { c.Shards = 2 }, 0.25},
	} {
		if with, without := planned(true, k.change), planned(false, k.change); !(with < k.most*without) {
			t.Errorf("%s: %.0f bytes with, %.0f without", name, with, without)
		}
	}
	frozen := func(c *setting.Config) { c.TrainBlocks = 0 }
	if with, without := planned(true, frozen), planned(false, frozen); with != without {
		t.Errorf("frozen: %.0f bytes with, %.0f without", with, without)
	}
}

// TestRecomputeOfEveryNetwork: the blocks of each network are told apart, so that a step takes far less memory. That of conv4 is what its
// first block takes, with or without.
func TestRecomputeOfEveryNetwork(t *testing.T) {
	for _, name := range backbone.Names() {
		var planned [2]float64
		for i, recompute := range []bool{false, true} {
			c := setting.Defaults()
			c.Backbone, c.Pretrained, c.Batch, c.Method, c.Recompute = name, "false", 4, "instance", recompute
			if err := c.Resolve(); err != nil {
				t.Fatal(err)
			}
			n, err := StepMemory(c)
			if err != nil {
				t.Fatal(err)
			}
			planned[i] = float64(n)
		}
		t.Logf("%s: %.2f of %.0f bytes", name, planned[1]/planned[0], planned[0])
		if most := 0.6; !(planned[1] < most*planned[0]) && name != "conv4" {
			t.Errorf("%s: %.0f bytes with, %.0f without", name, planned[1], planned[0])
		}
	}
}

// TestRecomputedRanksGiveTheBytes: ranks compute blocks whose batch norms meet again together, while gradients are added up, and leave
// the bytes of a run of one process that recomputes nothing.
func TestRecomputedRanksGiveTheBytes(t *testing.T) {
	defer func(first, other int) { firstBucket, otherBucket = first, other }(firstBucket, otherBucket)
	firstBucket, otherBucket = 64, 1024
	settings := func(c *setting.Config) { c.Shards, c.Batch = 4, 19 } // 60 images: 19, 19, 19, 3, which leaves shards empty
	one := tiny(t, settings)
	if _, _, err := trainTiny(t, one); err != nil {
		t.Fatal(err)
	}
	for _, ranks := range []int{1, 3} {
		c := tiny(t, settings)
		c.Recompute = true
		if failures := onRanks(t, c, ranks, false, quietly); !slices.Equal(failures, make([]error, ranks)) {
			t.Fatalf("%d ranks: %v", ranks, failures)
		}
		wantRunFiles(t, runFiles(t, one.Out), c.Out)
	}
}

// TestRecomputeMayChange: a resumed run may begin or end to recompute, and goes on to the same bytes.
func TestRecomputeMayChange(t *testing.T) {
	whole := tiny(t, func(c *setting.Config) { c.Epochs = 2 })
	_, want, err := trainTiny(t, whole)
	if err != nil {
		t.Fatal(err)
	}
	half := tiny(t, func(*setting.Config) {})
	if _, _, err := trainTiny(t, half); err != nil {
		t.Fatal(err)
	}
	half.Epochs, half.Recompute = 2, true
	if _, got := resumedModel(t, half, nil); !bytes.Equal(got, want) {
		t.Error("a resumed run that recomputes has other bytes")
	}
	if setting.Earlier().Recompute {
		t.Error("an earlier run recomputes")
	}
}

// TestGPURecompute: runs on a GPU that recompute leave the bytes of one that does not, op by op and as CUDA graphs, in bf16 too.
func TestGPURecompute(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, _ *kernels.Device) {
		drawings := fewDrawings(t)
		for name, change := range map[string]func(c *setting.Config){
			"cbswr": func(c *setting.Config) { c.Method = "cbswr" },
			"vit": func(c *setting.Config) {
				c.Backbone, c.Pretrained, c.Channels, c.Invert = "vit:dim=16,depth=3,heads=1,patch=4,grid=4", "false", 3, false
				c.Method, c.DropPath, c.Precision, c.Accumulate = "instance", 0.6, "bf16", 2
			},
		} {
			t.Run(name, func(t *testing.T) {
				plain := replayConfig(t, drawings, change)
				trainReplaying(t, plain, false)
				for _, replay := range []bool{false, true} {
					c := replayConfig(t, drawings, change)
					c.Recompute = true
					trainReplaying(t, c, replay)
					wantRunFiles(t, runFiles(t, plain.Out), c.Out)
				}
			})
		}
	})
}
