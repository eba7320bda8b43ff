package method

import (
	"udml-gpu/engine/setting/table"
	"udml-gpu/models/head"
	"udml-gpu/models/layer"
)

// instance is instance discrimination (Ye, Zhang, Yuen and Chang, "Unsupervised Embedding Learning via Invariant and Spreading Instance
// Feature", CVPR 2019), the baseline that the tables of the CBSwR paper call SME: every image is a class of its own, represented by its
// rows in the batch, and nothing is clustered.
type instance struct {
	temperature, alpha float64
	pairs
}

func newInstance() Method { return &instance{} }

// Settings have the authors' values as defaults. The authors pair an image with itself; for CUB, with probability one half, with its
// nearest neighbour.
func (m *instance) Settings() []table.Row {
	return []table.Row{
		table.Float("instance-temperature", &m.temperature, 0.1, "temperature of instance discrimination").Within(1e-4, 1e4).Unpreset(),
		table.Float("instance-alpha", &m.alpha, 1, "weight of the term that pushes other images away").Within(0, 1e6).Unpreset(),
		m.pairs.setting(),
	}
}

// TakesSmallViews is SmallViewer.TakesSmallViews.
func (*instance) TakesSmallViews() {}

// Loss records loss.Instance of the embedding of both views, and of small views against these.
func (m *instance) Loss(s *layer.Scope, in Inputs) Outputs {
	f := head.Embedding(s, in.Pooled(s), in.Dim)
	return Outputs{Embedding: f, Loss: layer.Instance(s, f, in.Batch(), m.temperature, m.alpha)}
}
