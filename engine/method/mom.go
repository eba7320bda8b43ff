package method

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/setting/table"
	"udml-gpu/kernels"
	"udml-gpu/kernels/loss"
	"udml-gpu/kernels/rng"
	"udml-gpu/models/head"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// mom is MoM (Iscen, Tolias, Avrithis and Chum, "Mining on Manifolds: Metric Learning without Labels", CVPR 2018): positives of an image
// are those that are near it along the graph of nearest neighbours but not by distance, negatives those that are near by distance alone,
// both found once, in the features that training begins with. A triplet loss draws its rows from them, each triplet weighted by how near
// its positive is along the graph.
type mom struct {
	mining
	margin float64

	pools *pools // nil before the loss is recorded
}

func newMoM() Method { return &mom{} }

const (
	minedDim   = 512   // components that are mined by, at most (the paper)
	nearestFew = 10    // how many of an image's negatives, nearest in the embedding, two are drawn from (the authors' program)
	mostWeight = 100.0 // of a positive: no similarity along the graph exceeds 1/(1 - alpha)
)

// Settings have the values of the paper and of the authors' program for fine-grained data.
func (m *mom) Settings() []table.Row {
	return []table.Row{
		table.Int("mom-neighbours", &m.neighbours, 30, "nearest images, itself among them, that an image may be joined to in the graph; "+
			"at most a quarter of the images").Within(2, 1000).Unpreset(),
		table.Int("mom-positives", &m.positives, 50, "how many nearest along the graph are positives unless they are as near by distance; "+
			"at most an eighth of the images").Within(2, 1000).Unpreset(),
		table.Int("mom-negatives", &m.negatives, 100, "how many nearest by distance are negatives unless they are as near along the "+
			"graph; at most half of the images").Within(2, 1000).Unpreset(),
		table.Float("mom-alpha", &m.alpha, 0.99, "how far similarity spreads along the graph").Within(0.01, 0.99).Unpreset(),
		table.Float("mom-margin", &m.margin, 0.5, "margin of the triplet loss, between squared distances").Within(0, 4).Unpreset(),
	}
}

// LeastBatch is BatchNeeder.LeastBatch: a row with an anchor and its positive, and one with two negatives.
func (*mom) LeastBatch() int { return 2 }

// Loss records the weighted triplet loss.
func (m *mom) Loss(s *layer.Scope, in Inputs) Outputs {
	if m.pools == nil || m.pools.images != in.Total {
		m.pools = newPools(in.Total)
	}
	f := head.Embedding(s, in.Features(s, in.Images).Pooled, in.Dim)
	return Outputs{Embedding: f, Loss: layer.Triplets(s, f, in.Labels, m.margin)}
}

// State is Stateful.State: what was mined.
func (m *mom) State() []*tape.Param {
	if m.pools == nil {
		return nil
	}
	return m.pools.params
}

// Start is Starter.Start: what the run has mined so far does not count.
func (m *mom) Start() { m.pools.clear() }

// Rows is Planner.Rows.
func (*mom) Rows(images, _ int) int { return images }

// Plan draws the triplets of an epoch; before the first it mines.
func (m *mom) Plan(ctx context.Context, e Epoch) (*Plan, error) {
	pooled, embedding, err := e.Embed(ctx)
	if err != nil {
		return nil, err
	}
	defer embedding.Free()
	if err := m.prepare(ctx, e, pooled); err != nil {
		return nil, err
	}
	return m.draw(e, kernels.Read[float32](embedding), embedding.Dim(1)), e.Fault()
}

// prepare mines, unless the run has done so, and checks what was mined. It frees pooled [N,C].
func (m *mom) prepare(ctx context.Context, e Epoch, pooled *kernels.Array) error {
	if len(m.pools.anchors()) > 0 {
		pooled.Free()
		if err := m.pools.check(); err != nil {
			return baddata.Errorf("the checkpoint's tensors of --method mom are damaged: %v", err)
		}
		return nil
	}
	// Whitened to about as many components as there are images, all images are at right angles.
	unit, err := whitened(pooled, min(minedDim, max(2, e.Images/8)), 1)
	if err != nil {
		return baddata.Errorf("--method mom cannot mine the images: %v", err)
	}
	defer unit.Free()
	k := m.within(e.Images)
	near, err := e.Neighbours(unit, k.width())
	defer near.Free()
	if err != nil {
		return err
	}
	worked := func(done int) { e.Worked("mining images", done, e.Images) }
	if err := k.mine(ctx, m.pools, kernels.Read[float32](unit), unit.Dim(1), kernels.Read[int32](near), worked); err != nil {
		return err
	}
	if err := e.Fault(); err != nil || len(m.pools.anchors()) > 0 {
		return err
	}
	return baddata.Errorf("--method mom finds none among the %d images whose nearest along the graph are others than those by distance: "+
		"it needs more images, or others of --mom-neighbours, --mom-positives and --mom-negatives", e.Images)
}

// draw makes groups of two rows: the first shows an anchor and one of its positives, the second two of its negatives, and both have the
// positive's weight. The last row of a batch of an odd number has no negatives, and no weight. All anchors come before any does twice.
func (m *mom) draw(e Epoch, embedding []float32, d int) *Plan {
	anchors, p := m.pools.anchors(), &Plan{}
	groups := 0
	for at := 0; at < e.Images; at += e.Batch {
		groups += (min(e.Batch, e.Images-at) + 1) / 2
	}
	for i, turn := range inTurn(e, groups, len(anchors)) {
		anchor := int(anchors[turn])
		key := rng.Key{Seed: e.Seed, Epoch: uint32(e.Number), Sample: uint32(i), Op: rng.OpNeighbour, View: 2}
		positives := m.pools.members(m.pools.positive, anchor)
		at := int(key.Choose(len(positives), 1)[0])
		weight := int32(math.Round(float64(m.pools.weight[anchor*m.pools.size+at]) / loss.TripletUnit))
		p.First, p.Second, p.Labels = append(p.First, int32(anchor)), append(p.Second, positives[at]), append(p.Labels, weight)
		if rows := len(p.First); rows%e.Batch == 0 || rows == e.Images {
			p.Labels[rows-1] = 0
			continue
		}
		key.View = 3
		negatives := m.nearestNegatives(anchor, embedding, d)
		order := key.Permutation(len(negatives))
		p.First, p.Second = append(p.First, negatives[order[0]]), append(p.Second, negatives[order[min(1, len(order)-1)]])
		p.Labels = append(p.Labels, weight)
	}
	return p
}

// nearestNegatives are those of an anchor's negatives that are nearest to it in the embedding [N,d], at most nearestFew.
func (m *mom) nearestNegatives(anchor int, embedding []float32, d int) []int32 {
	negatives := m.pools.members(m.pools.negative, anchor)
	square := make(map[int32]float64, len(negatives))
	for _, n := range negatives {
		sum := 0.0
		for c := range d {
			by := float64(embedding[anchor*d+c]) - float64(embedding[int(n)*d+c])
			sum += by * by
		}
		square[n] = sum
	}
	slices.SortStableFunc(negatives, func(a, b int32) int { return cmp.Compare(square[a], square[b]) })
	return negatives[:min(len(negatives), nearestFew)]
}

// EpochState is EpochKeeper.EpochState: the plan, which the checkpoint holds, has all.
func (*mom) EpochState() map[string]any { return map[string]any{} }

// SetEpochState is EpochKeeper.SetEpochState: without the plan's weights true labels would be read.
func (*mom) SetEpochState(_, images int, state map[string]json.RawMessage) error {
	var weights []int32
	if raw, ok := state["plan_labels"]; !ok || json.Unmarshal(raw, &weights) != nil || len(weights) != images {
		return errors.New("it does not have a weight for each row of the epoch")
	}
	if slices.ContainsFunc(weights, func(w int32) bool { return w < 0 || float64(w)*loss.TripletUnit > mostWeight }) {
		return errors.New("one of its weights is out of range")
	}
	return nil
}
