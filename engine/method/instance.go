package method

import (
	"udml-gpu/engine/setting/table"
	"udml-gpu/models/head"
	"udml-gpu/models/layer"
)

// instance is instance discrimination (Ye, Zhang, Yuen and Chang, "Unsupervised Embedding Learning via Invariant and Spreading Instance
// Feature", CVPR 2019), the baseline that the tables of the CBSwR paper call SME: every image is a class of its own, the other rows of
// the batch stand for the classes, and nothing is clustered.
type instance struct {
	temperature, alpha float64
	pairs
}

func newInstance() Method { return &instance{} }

// Settings are those of the authors. They pair an image with itself, on CUB with its nearest neighbour in one half of the cases.
func (m *instance) Settings() []table.Row {
	return []table.Row{
		table.Float("instance-temperature", &m.temperature, 0.1, "temperature of instance discrimination").Within(1e-4, 1e4).Unpreset(),
		table.Float("instance-alpha", &m.alpha, 1, "weight of the term that keeps other images away").Within(0, 1e6).Unpreset(),
		m.pairs.setting(),
	}
}

// Loss records loss.Instance of the embedding of both views.
func (m *instance) Loss(s *layer.Scope, in Inputs) Outputs {
	_, pooled := in.Backbone.Features(s, in.Images)
	f := head.Embedding(s, pooled, in.Dim)
	return Outputs{Embedding: f, Loss: layer.Instance(s, f, m.temperature, m.alpha)}
}
