package method

import (
	"context"

	"udml-gpu/engine/setting/table"
	"udml-gpu/kernels"
	"udml-gpu/kernels/gemm"
	"udml-gpu/models/head"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// stml is self-taught metric learning (Kim, Kim, Cho and Kwak, "Self-Taught Metric Learning without Labels", CVPR 2022). A teacher, the
// slow mean of the network, says how similar two rows of a batch are, by their distance and by the neighbours that they share; two heads
// learn relative distances that fit, and the embedding learns those of the wider head. Batches are images with their neighbours.
type stml struct {
	neighbours int
	width      int // of the head that the teacher has too
	sigma      float64
	delta      float64
	keep       float64

	store *layer.Store // of the network, once the loss is recorded
}

func newSTML() Method { return &stml{} }

// projection is the name of the wider head g.
const projection = "head.projection"

// Settings have the authors' values for CUB-200-2011 and Cars196 as defaults.
func (m *stml) Settings() []table.Row {
	return []table.Row{
		table.Int("stml-neighbours", &m.neighbours, 5, "images of a group of a batch: one and those nearest to it; twice as many rows "+
			"make a row's context").Within(1, 1000).Unpreset(),
		table.Int("stml-dim", &m.width, 1024, "outputs of the teacher's layer").Within(1, 1<<16).Unpreset().Shape(),
		table.Float("stml-sigma", &m.sigma, 3, "squared distance of the teacher's unit vectors at which a pair counts exp(-1)").
			Within(1e-4, 1e4).Unpreset(),
		table.Float("stml-delta", &m.delta, 1, "relative distance up to which pairs are pushed apart").Within(0, 1e4).Unpreset(),
		table.Float("stml-momentum", &m.keep, 0.999, "share of its value that the teacher keeps in a step").Within(0, 1).Unpreset(),
	}
}

// OrthogonalHead is OrthogonalStarter.OrthogonalHead, as the authors' program begins.
func (*stml) OrthogonalHead() {}

// LeastBatch is BatchNeeder.LeastBatch: a group.
func (m *stml) LeastBatch() int { return m.neighbours }

// Loss records the relaxed contrastive loss of both heads, and the divergence of the embedding's relative distances from the other's. The
// embedding f has no fixed length here: what is scored and saved is f of length 1, as with every method. Distances do not change when all
// rows move together, so that the wider head has no bias, and the embedding layer's keeps its start.
func (m *stml) Loss(s *layer.Scope, in Inputs) Outputs {
	m.store = s.Store
	pooled := in.Features(s, in.Images).Pooled
	f := layer.Dense(s.Of(tape.Embedding), head.EmbeddingName, pooled, layer.DenseSpec{Out: in.Dim, FixedBias: true})
	near, wide := layer.SquaredDistances(s, f), layer.SquaredDistances(s, m.project(s, pooled))
	weights := m.weights(s, in)
	out := Outputs{Embedding: layer.L2Normalize(s, f)}
	sum := newSum(&out)
	sum.add("relaxed", layer.Relaxed(s, near, weights, m.delta), 0.5)
	sum.add("relaxed_wide", layer.Relaxed(s, wide, weights, m.delta), 0.5)
	sum.add("distillation", layer.Distill(s, near, wide), 1)
	out.Loss = layer.WeightedSum(s, sum.terms, sum.weights)
	return out
}

func (m *stml) project(s *layer.Scope, pooled *tape.Var) *tape.Var {
	return layer.Dense(s, projection, pooled, layer.DenseSpec{Out: m.width, NoBias: true, Orthogonal: true})
}

// weights are how similar the teacher finds each two rows [V B,V B].
func (m *stml) weights(s *layer.Scope, in Inputs) *tape.Var {
	teacher := s.Teacher()
	t := layer.L2Normalize(teacher, m.project(teacher, in.Features(teacher, in.Images).Pooled))
	layer.Follow(s, t, m.keep)
	return layer.Contextual(s, layer.Similarities(s, s.Tape.Detach(t)), in.Samples, m.sigma, 2*m.neighbours)
}

// State is Stateful.State: the teacher.
func (m *stml) State() []*tape.Param {
	if m.store == nil {
		return nil
	}
	return m.store.TeacherParams()
}

// Start is Starter.Start: the teacher begins as the network is.
func (m *stml) Start() { m.store.StartTeacher() }

// Rows is Planner.Rows: whole batches, as many as all images fill.
func (m *stml) Rows(images, batch int) int { return max(1, images/batch) * batch }

// Plan fills each batch with groups: an image and those nearest to it by the wider head, in evaluation mode; the last group is cut where
// the batch ends. Both views show the same image.
func (m *stml) Plan(ctx context.Context, e Epoch) (*Plan, error) {
	near, err := m.nearest(ctx, e)
	if err != nil {
		return nil, err
	}
	rows, k := m.Rows(e.Images, e.Batch), min(m.neighbours, e.Images)
	images := make([]int32, 0, rows+k)
	groups := (e.Batch + k - 1) / k
	queries := inTurn(e, rows/e.Batch*groups, e.Images)
	for batch := range rows / e.Batch {
		for _, query := range queries[batch*groups : (batch+1)*groups] {
			for _, image := range near[int(query)*k : int(query+1)*k] {
				if image < 0 { // features that are not finite
					image = query
				}
				images = append(images, image)
			}
		}
		images = images[:(batch+1)*e.Batch]
	}
	return &Plan{First: images, Second: images}, nil
}

// nearest are the numbers of the images nearest to each by the wider head, of any length, the image itself first: [N,k].
func (m *stml) nearest(ctx context.Context, e Epoch) ([]int32, error) {
	pooled, embedding, err := e.Embed(ctx)
	if err != nil {
		return nil, err
	}
	embedding.Free()
	wide := pooled.Device().New(kernels.Float32, e.Images, m.width)
	defer wide.Free()
	gemm.LinearApart(wide, pooled, m.store.Get(projection+".weight").Value, nil)
	pooled.Free()
	index, err := e.Neighbours(wide, min(m.neighbours, e.Images))
	defer index.Free()
	if err != nil {
		return nil, err
	}
	return kernels.Read[int32](index), e.Fault()
}
