package method

import (
	"encoding/json"
	"maps"

	"udml-gpu/models/backbone"
	"udml-gpu/models/head"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// cbswr is CBSwR (Nguyen et al., "Deep Metric Learning Meets Deep Clustering", BMVC 2020) and its ablations:
// cluster the batch (rim), learn the metric against the centroids (cbs), keep the centroids meaningful by
// reconstruction (cbswr). docs/architecture.md, section 5, has the equations.
type cbswr struct {
	net            backbone.Network
	o              Options
	metric, decode bool

	figures clusterFigures
	pairs
}

func newRim(n backbone.Network, o Options) Method { return newClustering(n, o, false, false) }
func newCBS(n backbone.Network, o Options) Method { return newClustering(n, o, true, false) }
func newCBSwR(n backbone.Network, o Options) Method {
	return newClustering(n, o, true, true)
}

func newClustering(n backbone.Network, o Options, metric, decode bool) Method {
	return &cbswr{
		net: n, o: o, metric: metric, decode: decode,
		figures: clusterFigures{clusters: o.Clusters, collapseEpochs: o.CollapseEpochs}, pairs: pairs{wanted: o.Neighbours},
	}
}

// Figures is Watched.Figures.
func (m *cbswr) Figures() Figures { return &m.figures }

// ReadsLabels is LabelReader.ReadsLabels.
func (m *cbswr) ReadsLabels() bool { return m.o.Oracle }

// EpochState is EpochKeeper.EpochState.
func (m *cbswr) EpochState() map[string]any {
	state := m.figures.state()
	maps.Copy(state, m.pairs.state())
	return state
}

// SetEpochState is EpochKeeper.SetEpochState.
func (m *cbswr) SetEpochState(epoch, images int, state map[string]json.RawMessage) error {
	if err := m.figures.setState(state); err != nil {
		return err
	}
	return m.pairs.setState(epoch, images, state)
}

// Loss records 0.9 L_m + 0.3 L_rim + 0.001 L_rec, with the weights of the options.
func (m *cbswr) Loss(s *layer.Scope, in Inputs) Outputs {
	fmap, pooled := m.net.Features(s, in.Images)
	f := head.Embedding(s, pooled, m.o.Dim)

	logits := m.logits(s, f, in)
	rim, entropies := layer.Rim(s, logits, m.o.Mu)
	out := Outputs{Embedding: f, Logits: logits}
	sum := newSum(&out)
	sum.add("rim", rim, m.o.RimWeight)

	clusters := m.clusters(s, logits, in)
	out.Count = clusters.Count
	if m.metric {
		centroids := head.Embedding(s, layer.Means(s, s.Tape.Detach(pooled), clusters), m.o.Dim)
		sum.add("metric", layer.Metric(s, f, centroids, clusters, m.o.Temperature, m.o.Alpha), m.o.MetricWeight)
	}
	if m.decode {
		decoded := backbone.Decode(s, layer.Means(s, fmap, clusters), layer.Weights(s, clusters), in.Images.Dim(1), in.Images.Dim(3))
		sum.add("reconstruction", layer.Reconstruction(s, decoded, in.Images, clusters), m.o.RecWeight)
	}
	out.Loss = layer.WeightedSum(s, sum.terms, sum.weights)
	out.Terms = append(out.Terms, Term{"assignment_entropy", entropies, 0}, Term{"marginal_entropy", entropies, 1})
	return out
}

// logits scores the clusters; the dropout mask is the given one, or drawn for each row's image and view.
func (m *cbswr) logits(s *layer.Scope, f *tape.Var, in Inputs) *tape.Var {
	h := head.Clustering{K: m.o.Clusters, Dropout: m.o.Dropout, LogitNorm: m.o.LogitNorm}
	mask := in.Mask
	if mask == nil && m.o.Dropout > 0 {
		mask = layer.DropoutMask(s, in.Samples, in.Views, m.o.Dim, in.Clock, m.o.Dropout)
	}
	return h.Logits(s, f, mask)
}

func (m *cbswr) clusters(s *layer.Scope, logits *tape.Var, in Inputs) layer.Clusters {
	if m.o.Oracle {
		return layer.GivenLabels(s, in.Labels)
	}
	return layer.PseudoLabels(s, logits)
}

// sum collects the terms of a loss and their weights.
type sum struct {
	out     *Outputs
	terms   []*tape.Var
	weights []float64
}

func newSum(out *Outputs) *sum { return &sum{out: out} }

func (s *sum) add(name string, v *tape.Var, weight float64) {
	s.terms, s.weights = append(s.terms, v), append(s.weights, weight)
	s.out.Terms = append(s.out.Terms, Term{Name: name, Value: v})
}
