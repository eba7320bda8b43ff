package method

import (
	"encoding/json"
	"maps"

	"udml-gpu/engine/setting/table"
	"udml-gpu/models/head"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// cbswr is CBSwR (Nguyen et al., "Deep Metric Learning Meets Deep Clustering", BMVC 2020) and its ablations:
// cluster the batch (rim), learn the metric against the centroids (cbs), keep the centroids meaningful by
// reconstruction (cbswr). docs/architecture.md, section 5, has the equations.
type cbswr struct {
	metric, decode bool // whether the metric and the reconstruction loss are added to the clustering loss

	temperature, alpha float64 // t and alpha of L_m
	mu                 float64 // weight of the marginal entropy in L_rim
	metricWeight       float64
	rimWeight          float64
	recWeight          float64
	dropout            float64
	logitNorm          bool
	pseudoLabels       string // cluster, or oracle: true labels, an upper bound

	figures clusterFigures
	pairs
}

func newRim() Method   { return &cbswr{} }
func newCBS() Method   { return &cbswr{metric: true} }
func newCBSwR() Method { return &cbswr{metric: true, decode: true} }

// Settings are the coefficients of CBSwR; its ablations have those that they use. The defaults are the published ones.
func (m *cbswr) Settings() []table.Row {
	rows := []table.Row{
		table.Int("clusters", &m.figures.clusters, 32, "number of clusters K").Within(1, 1<<20).Shape(),
	}
	if m.metric {
		rows = append(rows,
			table.Float("temperature", &m.temperature, 0.1, "temperature t of the metric loss").Within(1e-4, 1e4),
			table.Float("alpha", &m.alpha, 1, "weight of the second term of the metric loss").Within(0, 1e6),
		)
	}
	rows = append(rows, table.Float("mu", &m.mu, 1, "weight of the marginal entropy in the clustering loss").Within(0, 1e6))
	if m.metric {
		rows = append(rows, table.Float("metric-weight", &m.metricWeight, 0.9, "weight of the metric loss").Within(0, 1e6))
	}
	rows = append(rows, table.Float("rim-weight", &m.rimWeight, 0.3, "weight of the clustering loss").Within(0, 1e6))
	if m.decode {
		rows = append(rows, table.Float("rec-weight", &m.recWeight, 0.001, "weight of the reconstruction loss").Within(0, 1e6))
	}
	return append(rows,
		table.Float("dropout", &m.dropout, 0.6, "dropout before the clustering layer").Within(0, 0.99),
		table.Bool("logit-norm", &m.logitNorm, false, "L2-normalise the clustering logits, as the published code does"),
		table.String("pseudo-labels", &m.pseudoLabels, "cluster",
			"cluster, or oracle: true labels, an upper bound that is marked in every result").OneOf("cluster", "oracle"),
		m.pairs.setting(),
		table.Int("collapse-epochs", &m.figures.collapseEpochs, 2,
			"epochs in a row with all images in one cluster that end training with code 4; 0: off").
			Within(0, 1e6).Free().Unpreset().Under("stopping"),
	)
}

// Figures is Watched.Figures.
func (m *cbswr) Figures() Figures { return &m.figures }

// ReadsLabels is LabelReader.ReadsLabels.
func (m *cbswr) ReadsLabels() bool { return m.pseudoLabels == "oracle" }

// EpochState is EpochKeeper.EpochState.
func (m *cbswr) EpochState() map[string]any {
	state := m.figures.state()
	maps.Copy(state, m.pairs.EpochState())
	return state
}

// SetEpochState is EpochKeeper.SetEpochState.
func (m *cbswr) SetEpochState(epoch, images int, state map[string]json.RawMessage) error {
	if err := m.figures.setState(state); err != nil {
		return err
	}
	return m.pairs.SetEpochState(epoch, images, state)
}

// Loss records 0.9 L_m + 0.3 L_rim + 0.001 L_rec, with the weights of the settings.
func (m *cbswr) Loss(s *layer.Scope, in Inputs) Outputs {
	seen := in.Features(s, in.Images)
	f := head.Embedding(s, seen.Pooled, in.Dim)

	logits := m.logits(s, f, in)
	rim, entropies := layer.Rim(s, logits, m.mu)
	out := Outputs{Embedding: f, Logits: logits}
	sum := newSum(&out)
	sum.add("rim", rim, m.rimWeight)

	clusters := m.clusters(s, logits, in)
	out.Count = clusters.Count
	if m.metric {
		centroids := head.Embedding(s, layer.Means(s, s.Tape.Detach(seen.Pooled), clusters), in.Dim)
		sum.add("metric", layer.Metric(s, f, centroids, clusters, m.temperature, m.alpha), m.metricWeight)
	}
	if m.decode {
		sum.add("reconstruction", in.Reconstruction(s, seen, in.Images, clusters), m.recWeight)
	}
	out.Loss = layer.WeightedSum(s, sum.terms, sum.weights)
	out.Terms = append(out.Terms, Term{"assignment_entropy", entropies, 0}, Term{"marginal_entropy", entropies, 1})
	return out
}

// logits are the scores of the clusters [2B,K]. The dropout mask is in.Mask, or drawn for each row's image and view.
func (m *cbswr) logits(s *layer.Scope, f *tape.Var, in Inputs) *tape.Var {
	h := head.Clustering{K: m.figures.clusters, Dropout: m.dropout, LogitNorm: m.logitNorm}
	mask := in.Mask
	if mask == nil && m.dropout > 0 {
		mask = layer.DropoutMask(s, in.Samples, in.Views, in.Dim, in.Clock, m.dropout)
	}
	return h.Logits(s, f, mask)
}

func (m *cbswr) clusters(s *layer.Scope, logits *tape.Var, in Inputs) layer.Clusters {
	if m.ReadsLabels() {
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
