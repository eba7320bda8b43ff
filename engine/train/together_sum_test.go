package train

import (
	"math"
	"slices"
	"sync"
	"testing"

	"udml-gpu/engine/network"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
	"udml-gpu/models/layer"
	"udml-gpu/models/shard"
	"udml-gpu/models/shard/shardtest"
)

// firstStep is the loss and the gradients of the first step of a batch in so many shards, as the first rank of the carrier sees them; nil:
// one process.
func firstStep(t *testing.T, shards int, exchange string, c shard.Carrier) (loss float64, gradients []float32) {
	t.Helper()
	var g *shard.Group
	if c != nil {
		g = shard.New(shards, c)
	}
	return firstStepOf(t, shards, exchange, g)
}

// firstStepOf is firstStep of a rank of a group; nil: one process.
func firstStepOf(t *testing.T, shards int, exchange string, g *shard.Group) (loss float64, gradients []float32) {
	t.Helper()
	settings := tiny(t, func(c *setting.Config) { c.Shards, c.Method, c.Exchange = shards, "cbswr", exchange })
	alone := g == nil
	if alone {
		g = GroupOf(settings)
	}
	m, err := settings.NewMethod()
	if err != nil {
		t.Error(err)
		return 0, nil
	}
	l, err := newLearner(settings, settings.Batch, settings.Batch, true, network.New, m, g, kernels.CPU())
	if err != nil {
		t.Error(err)
		return 0, nil
	}
	defer l.Free()
	s := l.StepFor(l.Network.Config.Batch)
	if alone {
		fillShards(s, l.Network.Config.Batch)
	} else {
		fillOwn(s, l.Network.Config.Batch)
	}
	l.Learn(s)
	for _, p := range l.Network.Store.Trained() { // in an order that does not depend on what is cut, as that of Store.Gradients does
		gradients = append(gradients, kernels.Data[float32](p.Grad)...)
	}
	return layer.Scalar(s.out.Loss, 0), gradients
}

// fillOwn is fillShards for the shards of one of several ranks.
func fillOwn(s *Step, batch int) {
	all := kernels.CPU().New(kernels.Float32, 2*batch, s.Images[0].Dim(1), s.Images[0].Dim(2), s.Images[0].Dim(3))
	defer all.Free()
	randomImages(all, 1)
	at := 0
	for _, own := range s.cut.Group.OwnImages(batch) {
		for view := range 2 {
			n := own[1] - own[0]
			s.Images[0].Rows(at, at+n).CopyFrom(all.Rows(view*batch+own[0], view*batch+own[1]))
			at += n
		}
	}
}

// TestRanksAddUp: nothing is divided by the number of shards or ranks. A loss or a gradient that is a mean over N is wrong by a factor,
// which an optimiser such as AdamW hardly shows in what is learnt, and which comparing N ranks with N shards does not show at all: both
// would divide. So both are compared with the batch in one piece: the loss to 1e-5 of it, the gradients, sums of thousands of terms in
// another order, to 1e-3 of their norm; in bfloat16, which rounds the parts and the sum by 2^-9 of each number at most, to 1e-2. A mean
// over four is off by three quarters. The ranks then have the numbers of one process.
func TestRanksAddUp(t *testing.T) {
	loss, gradients := firstStep(t, 1, "float32", nil)
	for exchange, bound := range map[string]float64{"float32": 1e-3, "bf16": 1e-2} {
		t.Run(exchange, func(t *testing.T) { checkAddUp(t, exchange, bound, loss, gradients) })
	}
}

func checkAddUp(t *testing.T, exchange string, bound, loss float64, gradients []float32) {
	cutLoss, cutGradients := firstStep(t, 4, exchange, nil)
	var off, norm float64
	for i, g := range gradients {
		off += math.Pow(float64(cutGradients[i]-g), 2)
		norm += math.Pow(float64(g), 2)
	}
	if off = math.Sqrt(off / norm); !(off <= bound) || !(norm > 0) {
		t.Errorf("the gradients of 4 shards are off by %g of those of a whole batch", off)
	}
	if !(math.Abs(cutLoss-loss) <= 1e-5*math.Abs(loss)) {
		t.Errorf("the loss of 4 shards is %g, of a whole batch %g", cutLoss, loss)
	}
	if short := exchange == "bf16"; short != (off > 1e-3) {
		t.Errorf("the gradients of 4 shards are off by %g with %s", off, exchange)
	}
	shardtest.Run(t, 2, func(c shard.Carrier) {
		ranksLoss, ranksGradients := firstStep(t, 4, exchange, c)
		if !(math.Abs(ranksLoss-cutLoss) <= 1e-6*math.Abs(cutLoss)) {
			t.Errorf("rank %d has the loss %g, one process %g", c.Rank(), ranksLoss, cutLoss)
		}
		for i, g := range ranksGradients {
			if g != cutGradients[i] {
				t.Errorf("rank %d has gradient %d %g, one process %g", c.Rank(), i, g, cutGradients[i])
				return
			}
		}
	})
}

// TestRanksAddUpFast: with --reduce fast ranks have, by a library and without, the same gradients as each other and a second time, which
// differ from those of one process by rounding alone: of five parts, added up in another order, 2^-24 of each, which the subtractions of
// the losses enlarge to 1e-5 of the norm at most. A mean over two ranks would be off by half.
func TestRanksAddUpFast(t *testing.T) {
	const shards = 5
	loss, ordered := firstStep(t, shards, "float32", nil)
	for name, adder := range map[string]func(shard.Carrier) shard.Adder{
		"ranks": func(shard.Carrier) shard.Adder { return nil }, "library": shardtest.Adder,
	} {
		var lock sync.Mutex
		var first []float32
		for range 2 {
			shardtest.Run(t, 2, func(c shard.Carrier) {
				g := shard.New(shards, c)
				g.AddFast(adder(c))
				fastLoss, fast := firstStepOf(t, shards, "float32", g)
				lock.Lock()
				defer lock.Unlock()
				if first == nil {
					first = fast
				}
				if !slices.Equal(fast, first) {
					t.Errorf("%s: rank %d has other gradients", name, c.Rank())
				}
				if !(math.Abs(fastLoss-loss) <= 1e-5*math.Abs(loss)) {
					t.Errorf("%s: rank %d has the loss %g, one process %g", name, c.Rank(), fastLoss, loss)
				}
			})
		}
		var off, norm float64
		for i, g := range ordered {
			off += math.Pow(float64(first[i]-g), 2)
			norm += math.Pow(float64(g), 2)
		}
		if off = math.Sqrt(off / norm); !(off <= 1e-5) || !(off > 0) {
			t.Errorf("%s: the gradients are off by %g", name, off)
		}
	}
}
