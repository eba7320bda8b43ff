package method

import (
	"udml-gpu/engine/setting/table"
	"udml-gpu/models/head"
	"udml-gpu/models/layer"
)

// npair is the multi-class N-pair loss (Sohn, "Improved Deep Metric Learning with Multi-class N-pair Loss Objective", NIPS 2016) on true
// labels: an upper bound for methods without labels. Each row of the batch is a pair of two images of one class.
type npair struct {
	labelled
	temperature float64
}

func newNPair() Method { return &npair{labelled: labelled{together: 1}} }

// Settings are the temperature, which stands for the length of the paper's vectors: here they have length 1.
func (m *npair) Settings() []table.Row {
	return []table.Row{
		table.Float("npair-temperature", &m.temperature, 0.1, "temperature of the N-pair loss").Within(1e-4, 1e4).Unpreset(),
	}
}

// Loss records the cross entropy of each first image against the second images of its own and of the other classes. Pairs of its own class
// are neither.
func (m *npair) Loss(s *layer.Scope, in Inputs) Outputs {
	f := head.Embedding(s, in.Features(s, in.Images).Pooled, in.Dim)
	return Outputs{Embedding: f, Loss: layer.CrossEntropy(s, layer.ViewSimilarities(s, f), nil, in.Labels, 1/m.temperature)}
}
