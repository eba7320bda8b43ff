package method

import (
	"fmt"
	"math"
	"sync"
	"testing"

	"udml-gpu/models/shard"
	"udml-gpu/models/shard/shardtest"
)

// shardCases are networks without batch norm and with it, and stochastic depth.
var shardCases = []struct {
	network  string
	px       int
	methods  []string
	drop     float64
	parts    int
	clusters int
	crops    int // of 8 pixels less
}{
	{"dinov2:dim=16,depth=2,heads=2,patch=8", 16, Names(), 0, 1, 0, 0},
	{"dinov2:dim=16,depth=3,heads=2,patch=8", 16, []string{"instance"}, 0.7, 1, 0, 2},
	{"squeezenet", 24, []string{"cbswr"}, 0, 2, 0, 0},
	{"conv4", 16, Names(), 0, 1, 0, 0},
	{"conv4", 16, SmallViewers(), 0, 1, 0, 3},
	{"conv4", 16, []string{"cbswr"}, 0, 1, 1, 0}, // all rows in one cluster: shards 1 and up decode nothing
	{"conv4", 16, []string{"cbswr"}, 0, 1, 2, 0},
	{"conv4", 16, []string{"cbswr"}, 0, 1, 9, 0}, // more clusters than images: slots without members
}

// TestShardsGiveTheStep: loss and gradients of a batch in shards, on one rank and on several, are those of the whole batch; of 5 images,
// and of 1, where all shards but one are empty. They add the same numbers in another order. On any number of ranks they are the same to
// the last bit.
func TestShardsGiveTheStep(t *testing.T) {
	// As in TestPartsGiveTheStep; a batch norm of the backbone enlarges an error like one of the decoder, and conv4 has four of them.
	const bound = 1e-9
	for _, c := range shardCases {
		for _, name := range c.methods {
			for _, images := range []int{5, 1} {
				step := stepCase{
					network: c.network, method: name, images: images, px: c.px, parts: c.parts, drop: c.drop, clusters: c.clusters,
					crops: c.crops, cropPX: c.px - 8,
				}
				loss, want := step.run(t)
				for _, shards := range []int{2, 3, 4} {
					at := fmt.Sprintf("%s, %s, %d images in %d shards, K %d, %d crops",
						name, c.network, images, shards, c.clusters, c.crops)
					step := step
					step.group = shard.Alone(shards)
					one, gradients := step.run(t)
					if !(math.Abs(one-loss) <= bound*math.Abs(loss)) || len(gradients) != len(want) {
						t.Errorf("%s: loss %.17g, want %.17g", at, one, loss)
					}
					for p, w := range want {
						if d := apart(gradients[p], w); !(d <= bound) && !rounding(name, p, gradients[p], w) {
							t.Errorf("%s: the gradient of %s is %g of its length away", at, p, d)
						}
					}
					for ranks := 2; ranks <= shards; ranks++ {
						sameOnRanks(t, fmt.Sprintf("%s on %d ranks", at, ranks), step, shards, ranks, one, gradients)
					}
				}
			}
		}
	}
}

// TestNormsOfBlocks: batch norms whose statistics are those of blocks of shards give the same bits on any number of ranks, whether a rank
// has a part of a block, a block, or shards of two; one block of all shards is as synchronised ones, and two are not.
func TestNormsOfBlocks(t *testing.T) {
	step := stepCase{network: "conv4", method: "cbswr", images: 7, px: 16, parts: 1}
	step.group = shard.Alone(4)
	whole, _ := step.run(t)
	for _, block := range []int{1, 2, 3, 4} {
		step.group, step.block = shard.Alone(4), block
		loss, values := step.run(t)
		if same := math.Float64bits(loss) == math.Float64bits(whole); same != (block == 4) {
			t.Errorf("blocks of %d: loss %.17g, of all shards %.17g", block, loss, whole)
		}
		for ranks := 2; ranks <= 4; ranks++ {
			sameOnRanks(t, fmt.Sprintf("blocks of %d on %d ranks", block, ranks), step, 4, ranks, loss, values)
		}
	}
}

// sameOnRanks checks that each rank has that loss and those gradients, to the last bit.
func sameOnRanks(t *testing.T, at string, step stepCase, shards, ranks int, loss float64, gradients map[string][]float64) {
	t.Helper()
	var lock sync.Mutex
	shardtest.Run(t, ranks, func(c shard.Carrier) {
		own := step
		own.group = shard.New(shards, c)
		got, g := own.run(t)
		lock.Lock()
		defer lock.Unlock()
		if own.group.Err() != nil || math.Float64bits(got) != math.Float64bits(loss) {
			t.Errorf("%s: rank %d has loss %.17g, want %.17g (%v)", at, c.Rank(), got, loss, own.group.Err())
		}
		for name, want := range gradients {
			for i, w := range want {
				if math.Float64bits(g[name][i]) != math.Float64bits(w) {
					t.Errorf("%s: on rank %d element %d of the gradient of %s is %g, want %g", at, c.Rank(), i, name, g[name][i], w)
					break
				}
			}
		}
	})
}
