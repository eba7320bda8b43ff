package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"udml-gpu/engine/data"
	"udml-gpu/engine/images"
	"udml-gpu/engine/method"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
	"udml-gpu/models/layer"
	"udml-gpu/models/shard"
	"udml-gpu/models/shard/shardtest"
)

// onRanks trains the run of c on so many ranks, each a goroutine with a session of its own, resumed where resume is set. It returns the
// error of each.
func onRanks(t *testing.T, c setting.Config, ranks int, resume bool, session func(rank int) (context.Context, Session)) []error {
	t.Helper()
	failures := make([]error, ranks)
	shardtest.Run(t, ranks, func(carrier shard.Carrier) {
		rank := carrier.Rank()
		ctx, s := session(rank)
		s.Carrier = carrier
		var tr *Trainer
		if resume {
			tr, failures[rank] = Resume(ctx, c.Out, c, s)
		} else {
			tr, failures[rank] = New(ctx, c, s)
		}
		if failures[rank] != nil {
			return
		}
		defer tr.Close()
		_, failures[rank] = onTrainImages(tr).Train(ctx)
	})
	return failures
}

// quietly is the session of a rank that nothing happens to.
func quietly(int) (context.Context, Session) {
	return context.Background(), Session{UI: images.UI{Log: zerolog.Nop()}}
}

// TestRanksGiveTheBytes: a run on several ranks, of more shards and of as many, leaves the bytes of one process with these shards, with
// every method, with and without batch norm, paired with itself and with neighbours, with evaluations, whitening and a last batch that
// leaves shards empty. Gradients are added up in many pieces, among which come the exchanges of batch norms.
func TestRanksGiveTheBytes(t *testing.T) {
	defer func(first, other int) { firstBucket, otherBucket = first, other }(firstBucket, otherBucket)
	firstBucket, otherBucket = 64, 1024
	cases := map[string]func(c *setting.Config){
		"neighbours": func(c *setting.Config) {
			c.EvalEvery, c.HeadInit, c.FinalWhiten, c.Labels, c.Batch = 1, "whiten", true, "auto", 19 // 60 images: 19, 19, 19, 3
			c.Set("positives", "neighbours")
		},
		"without batch norm": func(c *setting.Config) {
			c.Backbone, c.Channels, c.Size, c.Accumulate = "dinov2:dim=16,depth=2,heads=2,patch=8", 3, 16, 2
		},
		"within": func(c *setting.Config) {
			c.HeadInit, c.Epochs, c.Result = "within", 1, "start"
		},
		"frozen":            func(c *setting.Config) { c.TrainBlocks = 0 },
		"bfloat16":          func(c *setting.Config) { c.Exchange = "bf16" },
		"mutual neighbours": func(c *setting.Config) { c.Method, c.Epochs = "mutual", 2 },
		"small views":       func(c *setting.Config) { c.Method, c.Crops, c.Batch = "instance", 2, 19 },
		"deepcluster linear": func(c *setting.Config) {
			c.Method, c.Epochs = "deepcluster", 2
			c.Set("deepcluster-head", "linear")
		},
	}
	for _, name := range method.Names() {
		cases[name] = func(c *setting.Config) { c.Method = name }
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			settings := func(c *setting.Config) {
				c.Shards = 4
				change(c)
			}
			one := tiny(t, settings)
			if _, _, err := trainTiny(t, one); err != nil {
				t.Fatal(err)
			}
			want := runFiles(t, one.Out)
			counts := []int{3, 4} // for 4 shards: fewer and as many
			if name == "cbswr" {
				counts = []int{2, 3, 4}
			}
			for _, ranks := range counts {
				c := tiny(t, settings)
				if failures := onRanks(t, c, ranks, false, quietly); !slices.Equal(failures, make([]error, ranks)) {
					t.Fatalf("%d ranks: %v", ranks, failures)
				}
				wantRunFiles(t, want, c.Out)
			}
		})
	}
}

// fillShards gives a step random images, the same for any number of shards.
func fillShards(s *Step, batch int) {
	all := kernels.CPU().New(kernels.Float32, 2*batch, s.Images[0].Dim(1), s.Images[0].Dim(2), s.Images[0].Dim(3))
	randomImages(all, 1)
	bounds := []int{0, batch}
	if s.cut != nil {
		bounds = s.cut.Bounds
	}
	at := 0
	for i, last := range bounds[1:] {
		first := bounds[i]
		for view := range 2 {
			s.Images[0].Rows(at, at+last-first).CopyFrom(all.Rows(view*batch+first, view*batch+last))
			at += last - first
		}
	}
}

// TestShardsNearOne: the loss of the first step of a batch in shards is that of the whole batch.
func TestShardsNearOne(t *testing.T) {
	for _, name := range method.Names() {
		first := func(shards int) float64 {
			l := stepped(t, tiny(t, func(c *setting.Config) { c.Shards, c.Method = shards, name }), 0)
			defer l.Free()
			s := l.StepFor(l.Network.Config.Batch)
			fillShards(s, l.Network.Config.Batch)
			l.Learn(s)
			return layer.Scalar(s.out.Loss, 0)
		}
		want := first(1)
		for _, shards := range []int{2, 3, 5} {
			// The sums of a few hundred terms in float32, in another order.
			if got := first(shards); !(math.Abs(got-want) <= 1e-5*math.Abs(want)) {
				t.Errorf("%s in %d shards: loss %g, want %g", name, shards, got, want)
			}
		}
	}
}

// TestRanksStopTogether: a signal that one rank alone receives, in a step, in an evaluation, or while the layer is whitened, stops all of
// them at the same place, with one checkpoint, and another number of ranks goes on to the bytes of an undisturbed run.
func TestRanksStopTogether(t *testing.T) {
	settings := func(c *setting.Config) {
		c.Shards, c.Epochs, c.EvalEvery, c.HeadInit, c.FinalWhiten, c.Labels = 4, 2, 1, "whiten", true, "auto"
		c.Set("positives", "neighbours")
	}
	whole := tiny(t, settings)
	if _, _, err := trainTiny(t, whole); err != nil {
		t.Fatal(err)
	}
	want := runFiles(t, whole.Out)
	for i, at := range []struct {
		kind  string // of report at which the signal comes
		count int
	}{{"step", 2}, {"embedding", 1}, {"embedding", 2}, {"embedding", 3}} {
		t.Run(fmt.Sprint(at), func(t *testing.T) {
			c := tiny(t, settings)
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			failures := onRanks(t, c, 3, false, func(rank int) (context.Context, Session) {
				asked, s := quietly(rank)
				if rank == 1 {
					count := &countdown{kind: at.kind, at: at.count, do: cancel}
					asked, s = ctx, count.session()
					s.Progress = atStep{1, 0, func() {}}
					if at.kind == "step" {
						s.Progress = atStep{1, at.count, cancel}
					}
				}
				return asked, s
			})
			for rank, err := range failures {
				if !errors.Is(err, ErrStopped) {
					t.Fatalf("rank %d ends with %v", rank, err)
				}
			}
			ranks := 1 + i%4
			if failures := onRanks(t, c, ranks, true, quietly); !slices.Equal(failures, make([]error, ranks)) {
				t.Fatalf("%d ranks: %v", ranks, failures)
			}
			wantRunFiles(t, want, c.Out)
		})
	}
}

// TestRanksThatDiffer: a rank with another setting, and a rank that sees other images, name themselves and the difference.
func TestRanksThatDiffer(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*setting.Config)
		want   string
	}{
		"setting": {func(c *setting.Config) { c.LR = 0.5 }, `has other settings than rank 0: "lr: 0.5", and there "lr: 0.001"`},
		"images":  {func(c *setting.Config) { c.Data = data.Demo(4) }, "has other images than rank 0: "},
	} {
		t.Run(name, func(t *testing.T) {
			usual := tiny(t, func(c *setting.Config) { c.Shards, c.Labels = 2, "auto" })
			failures := make([]error, 2)
			shardtest.Run(t, 2, func(carrier shard.Carrier) {
				own, rank := usual, carrier.Rank()
				if rank == 1 {
					c.change(&own)
				}
				_, s := quietly(0)
				s.Carrier = carrier
				var tr *Trainer
				if tr, failures[rank] = New(context.Background(), own, s); failures[rank] == nil {
					tr.Close()
				}
			})
			var usage *setting.UsageError
			said := fmt.Sprint(failures[1])
			named := strings.Contains(said, c.want) && strings.Contains(said, "rank 1 on ")
			if !errors.As(failures[1], &usage) || !named || failures[0] == nil {
				t.Errorf("the ranks say %v, want %q", failures, c.want)
			}
		})
	}
}
